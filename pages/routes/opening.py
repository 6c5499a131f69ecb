"""The document route: a document as it is now, for a list that shows only a part of it."""

from typing import Any

from starlette.routing import Route

from pages.routes.gate import Answer, Call, route
from storage.database.store import database
from storage.journal import annotations, wire
from storage.journal.annotations import Annotation


def routes() -> list[Route]:
    return [route("open", _open)]


def describe(opened: Annotation) -> dict[str, Any]:
    """Return a document and an annotator's work on it as the tagger takes them."""
    return {"document": wire.document(opened.document), "state": opened.state}


def _open(call: Call) -> Answer:
    return 200, describe(annotations.open_annotation(database(), call.document(), call.annotator))
