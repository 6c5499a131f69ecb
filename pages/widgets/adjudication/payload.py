"""What the Adjudicate page hands to the browser: a document, everybody's version, the decision."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from pages import routes
from pages.routes import adjudicating, gate, naming, opening
from pages.widgets.adjudication.queue import Known
from pages.widgets.tag import mode
from pages.widgets.walk import windows
from storage.collaboration.adjudication import DECIDES, Adjudication, Version
from storage.collaboration.differences import Difference
from storage.database import settings
from storage.database.store import database
from storage.journal import wire
from storage.types import Document, Project


def describe(project: Project, opened: Adjudication, known: Known, nameless: bool) -> dict:
    """Return the component's data; every offset is in code points.

    ``nameless``: people's names do not leave the server, and their order says nothing of them.
    """
    document = opened.decision.document
    assert document.id is not None, "what was opened has its id"
    annotator = settings.annotator(database())
    order = _order(document.id, opened.versions, nameless)
    several = {"several": project.allow_overlaps}
    rows = [_row(document, place, order) | several for place in opened.differences]
    barrier = database().barrier()
    return {
        "list": f"adjudicate/{document.id}/{_stamp(rows)}",
        "queue": "",
        "run": None,
        "page": 1,
        "pages": 1,
        "endpoint": gate.address(adjudicating.EDITS),
        "token": gate.sign(annotator, project.id, DECIDES),
        "project": project.id,
        "annotator": annotator,
        "labels": [naming.describe(label) for label in project.labels],
        "routes": routes.addresses() | adjudicating.addresses(),
        **mode.describe(project),
        "keys": settings.get(database(), "keys", {}),
        "threshold": 0,
        "guideline": bool(project.guideline.strip()),
        "barrier": str(barrier) if barrier else "",
        "rows": rows,
        "opened": [opening.describe(opened.decision)],
        "seen": [],
        "counts": {"seen": None, "total": len(rows), "mended": None},
        "people": [_person(opened.versions[at], n, nameless) for n, at in enumerate(order, 1)],
        "second": document.second_text,
        "way": _way(document.id, known),
    }


def _order(document: int, versions: Sequence[Version], nameless: bool) -> list[int]:
    """Return people's places in their order: by name, or as chance has it where that is hidden."""

    def chance(at: int) -> str:
        return sha256(f"{document}/{versions[at].annotator}".encode()).hexdigest()

    places = list(range(len(versions)))
    return sorted(places, key=chance) if nameless else places


def _person(version: Version, number: int, nameless: bool) -> dict[str, Any]:
    return {
        "name": f"Person {number}" if nameless else version.annotator,
        "spans": [wire.place(span) for span in version.spans],
        "comment": version.comment,
    }


def _row(document: Document, place: Difference, order: Sequence[int]) -> dict[str, Any]:
    start, end = windows.of(document, place.marks)
    return {
        "id": f"{place.start}-{place.end}-{place.marks[0].label}",
        "document": document.id,
        "start": place.start,
        "end": place.end,
        "kind": str(place.kind),
        "sides": [[wire.place(mark) for mark in place.sides[at]] for at in order],
        "window": {
            "start": start,
            "end": end,
            "before": start > 0,
            "after": end < len(document.text),
        },
        # What a list of rows has besides.
        "given": wire.place(place.marks[0]),
        "suggested": None,
        "predicted": [],
        "others": [],
        "marks": [],
        "mended": None,
    }


def _stamp(rows: Sequence[dict[str, Any]]) -> str:
    return sha256(repr([(row["id"], row["sides"]) for row in rows]).encode()).hexdigest()[:12]


def _way(document: int, known: Known) -> dict[str, Any]:
    """Return which document this is of all, why, and which ones come before and after it.

    After it comes the next that waits, from the beginning on at last.
    """
    order, waiting = known.order, set(known.waiting)
    at = order.index(document) if document in known.cases else -1
    behind = [*order[at + 1 :], *order[: max(at, 0)]]
    reason = known.reasons.get(document)
    return {
        "index": at,
        "total": len(order),
        "left": len(waiting),
        "waits": document in waiting,
        "next": next((id for id in behind if id in waiting), None),
        "previous": order[at - 1] if at > 0 else None,
        "why": reason.words if reason else "",
    }
