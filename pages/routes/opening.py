"""The document route: a document as it is now, for a list that shows only a part of it."""

from typing import Any

from starlette.routing import Route

from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, is_id, route
from storage.database.store import database
from storage.journal import annotations, wire
from storage.journal.annotations import Annotation
from storage.runs import suggestions

# So many documents are told of at once.
LONGEST = 20


def routes() -> list[Route]:
    return [route("open", _open), route("ahead", _ahead)]


def describe(opened: Annotation) -> dict[str, Any]:
    """Return a document and an annotator's work on it as the tagger takes them."""
    return {"document": wire.document(opened.document), "state": opened.state}


def _open(call: Call) -> Answer:
    return 200, describe(annotations.open_annotation(database(), call.document(), call.annotator))


def _ahead(call: Call) -> Answer:
    """Tell of several documents at once, each with what a model says of it."""
    wanted = call.fields.get("documents")
    if not isinstance(wanted, list) or len(wanted) > LONGEST or not all(map(is_id, wanted)):
        raise Rejection(400, MALFORMED)
    opened = annotations.open_annotations(database(), call.project, wanted, call.annotator)
    return 200, {"opened": [describe(each) | _said(each) for each in opened]}


def _said(opened: Annotation) -> dict[str, Any]:
    assert opened.document.id is not None, "what was opened has its id"
    found = suggestions.of_document(database(), opened.document.id)
    return {"suggestions": found and wire.suggestions(found.run, found.spans, found.guesses)}
