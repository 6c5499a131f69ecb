"""The routes by which a decision becomes an example of the guideline, or a question to others."""

from __future__ import annotations

from starlette.routing import Route

from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, route
from storage.collaboration import about, threads
from storage.corpus import documents, projects
from storage.database.store import database
from storage.knowledge import examples
from storage.types import Document


def routes() -> list[Route]:
    return [route("adjudicate/example", _keep), route("adjudicate/ask", _ask)]


def _keep(call: Call) -> Answer:
    """Keep the words around a mark as an example of its label; 200 with the example's id."""
    document = documents.get_document(database(), call.document())
    start, end = _range(call, document, "start", "end")
    first, last = _range(call, document, "from", "to")
    if start == end == 0:
        # The label is that of the whole document.
        first, last = 0, len(document.text)
    elif not first <= start < end <= last:
        raise Rejection(400, MALFORMED)
    kept = examples.add(
        database(),
        call.project,
        _label(call),
        call.text("kind"),
        document.text[first:last],
        start - first,
        end - first,
        document.id,
        call.text("reason"),
        document.second_text,
    )
    return 200, {"example": kept.id}


def _ask(call: Call) -> Answer:
    """Begin a thread about a place of the document; 200 with the thread's id."""
    document = documents.get_document(database(), call.document())
    start, end = _range(call, document, "start", "end")
    place = about.on_span(call.document(), start, end)
    return 200, {"thread": threads.ask(database(), call.project, place, call.text("text")).id}


def _range(call: Call, document: Document, *names: str) -> tuple[int, int]:
    """Return two fields that are code points of a document's text; raises Rejection."""
    start, end = (call.fields.get(name) for name in names)
    for point in (start, end):
        if not isinstance(point, int) or isinstance(point, bool):
            raise Rejection(400, MALFORMED)
    if not 0 <= start <= end <= len(document.text):
        raise Rejection(400, MALFORMED)
    return start, end


def _label(call: Call) -> int:
    wanted = call.text("label")
    for label in projects.list_labels(database(), call.project):
        if label.name == wanted and label.id is not None:
            return label.id
    raise Rejection(400, "This project has no such label: reload the page.")
