"""The label route: a label made in the tagger, without leaving the text."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from pages.routes.gate import Answer, Call, route
from storage.corpus import projects
from storage.database.store import database
from storage.types import Label


def routes() -> list[Route]:
    return [route("labels", _add)]


def _add(call: Call) -> Answer:
    projects.add_labels(database(), call.project, [call.text("name")])
    found = projects.list_labels(database(), call.project)
    return 200, {"labels": [describe(each) for each in found]}


def describe(found: Label) -> dict[str, Any]:
    """Return a label as the tagger takes it."""
    return {
        "name": found.name,
        "color": found.color,
        "key": found.key,
        "description": found.description,
        "positive": found.positive,
        "negative": found.negative,
    }
