"""Routes of the Adjudicate page: decisions, and what is kept or asked about one."""

from __future__ import annotations

from starlette.routing import Route

from pages.routes import gate
from pages.routes.adjudicating import asides, decisions

EDITS = "adjudicate"


def routes() -> list[Route]:
    return [*decisions.routes(), *asides.routes()]


def addresses() -> dict[str, str]:
    """Return the paths of the routes that take the place of the tagger's, or are more."""
    names = {"open": "adjudicate/open", "example": "adjudicate/example", "ask": "adjudicate/ask"}
    return {name: gate.address(path) for name, path in names.items()}
