"""What the application serves beside its pages."""

from __future__ import annotations

from starlette.routing import Route

from pages.access import login
from pages.routes import (
    alike,
    assets,
    edits,
    gate,
    health,
    judging,
    naming,
    opening,
    repeats,
    similar,
    steps,
    tokens,
    visiting,
)


def routes() -> list[Route]:
    """Return every route of our own."""
    rooms = (
        edits,
        steps,
        repeats,
        alike,
        naming,
        tokens,
        opening,
        visiting,
        similar,
        judging,
        health,
        assets,
        login,
    )
    return [route for room in rooms for route in room.routes()]


def addresses() -> dict[str, str]:
    """Return the paths of the routes that the tagger calls besides the one that saves."""
    names = {
        **{"undo": "undo", "find": "find", "apply": "apply", "label": "labels", "renew": "token"},
        **{"open": "open", "ahead": "ahead", "visit": "visits", "similar": "similar"},
        **{"judge": "judge", "suggested": "suggested", "example": "examples"},
        **{"alike": "alike", "answerAlike": "answer-alike"},
        **{"talk": "talk", "talkSay": "talk-say", "talkSettle": "talk-settle"},
        **{"sure": "sure", "answerSure": "answer-sure"},
    }
    return {name: gate.address(path) for name, path in names.items()}
