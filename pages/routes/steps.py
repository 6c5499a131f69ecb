"""The undo route: takes back or repeats the newest step, wherever it was made."""

from starlette.routing import Route

from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, route
from storage.actions import undo
from storage.database.store import database
from storage.errors import ConflictError
from storage.journal import annotations

TURNS = {"undo": undo.undo, "redo": undo.redo}


def routes() -> list[Route]:
    return [route("undo", _turn)]


def _turn(call: Call) -> Answer:
    """Answer 200 with what was done, 409 with the state where another step is the newest."""
    turn = TURNS.get(call.text("direction"))
    if turn is None:
        raise Rejection(400, MALFORMED)
    here, expects = call.document(), call.text("expects")
    try:
        done = turn(database(), call.project, call.annotator, expects)
    except ConflictError as error:
        return 409, {"error": str(error), "state": _state(here, call.annotator)}
    return 200, {
        "title": done.title,
        "document": done.document,
        "documents": done.documents,
        "spans": done.spans,
        "skipped": done.skipped,
        "state": _state(here, call.annotator),
    }


def _state(document: int, annotator: str):
    return annotations.open_annotation(database(), document, annotator).state
