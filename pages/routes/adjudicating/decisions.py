"""The routes by which a decision is opened and edited: as the tagger's, in another's name."""

from __future__ import annotations

from starlette.routing import Route

from pages.routes import opening
from pages.routes.edits import operations_of, told
from pages.routes.gate import Answer, Call, route
from storage.collaboration import adjudication
from storage.database.store import database


def routes() -> list[Route]:
    return [route("adjudicate", _save), route("adjudicate/open", _open)]


def _save(call: Call) -> Answer:
    """Apply a batch of edits to the decision: 200 saved, 409 made on an older revision."""
    operations = operations_of(call)
    document, client = call.document(), call.name("client")
    lean = call.fields.get("lean") is True
    return told(
        adjudication.decide(
            database(), call.project, document, call.annotator, client, operations, lean
        )
    )


def _open(call: Call) -> Answer:
    opened = adjudication.open_document(database(), call.project, call.document())
    return 200, opening.describe(opened.decision)
