"""The document routes: documents as they are now, and what is suggested for them."""

from typing import Any

from starlette.routing import Route

from pages.coaching import coach
from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, is_id, route
from storage.corpus import documents
from storage.database.store import database
from storage.journal import annotations, wire
from storage.journal.annotations import Annotation

# So many documents are told of at once.
LONGEST = 20


def routes() -> list[Route]:
    return [route("open", _open), route("ahead", _ahead), route("suggested", _suggested)]


def describe(opened: Annotation) -> dict[str, Any]:
    """Return a document and an annotator's work on it as the tagger takes them."""
    work = {"state": opened.state, "behind": opened.is_behind}
    return {"document": wire.document(opened.document), **work}


def _open(call: Call) -> Answer:
    coach.keep(call.project)
    return 200, describe(annotations.open_annotation(database(), call.document(), call.annotator))


def _ahead(call: Call) -> Answer:
    """Tell of several documents at once, each with what a model says of it."""
    wanted = _ids(call, "documents")
    coach.look(call.project)
    # First how far the coach is: what is read after that is no older.
    entry = coach.known(coach.standing(call.project))
    opened = annotations.open_annotations(database(), call.project, wanted, call.annotator)
    ids = [each.document.id for each in opened if each.document.id]
    said, withheld = coach.told(ids, call.annotator)
    told = [
        describe(each) | {"suggestions": said.get(id), "withheld": withheld.get(id, "")}
        for id, each in zip(ids, opened, strict=True)
    ]
    return 200, {"opened": told, "entry": entry}


def _suggested(call: Call) -> Answer:
    """Answer with how far the coach is and, once it has learned an entry, what is suggested now.

    ``told`` says whether it has; nothing is said of what no model has looked at.
    """
    wanted, after = _ids(call, "documents"), call.fields.get("after", 0)
    if not isinstance(after, int) or isinstance(after, bool):
        raise Rejection(400, MALFORMED)
    if coming := _ids(call, "coming"):
        coach.look(call.project, coming)
    else:
        # Who watches how far it is lets it go on.
        coach.keep(call.project)
    # First how far it is: what is read after that is no older.
    standing = coach.standing(call.project)
    told = coach.known(standing) >= after
    ours = documents.belonging(database(), wanted, call.project) if told else ()
    return 200, {"coach": standing, "told": told, "suggestions": coach.said(ours, call.annotator)}


def _ids(call: Call, name: str) -> list[int]:
    """Return a field that lists documents; raises Rejection."""
    found = call.fields.get(name, [])
    if not isinstance(found, list) or len(found) > LONGEST or not all(map(is_id, found)):
        raise Rejection(400, MALFORMED)
    return found
