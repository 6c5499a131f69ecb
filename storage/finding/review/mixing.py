"""What is worth looking at next: errors, suspects, doubts and disagreements in one order.

Each finding has an expected gain, in points of F1: the chance that looking mends something (see
``origins``), times what one more right mark of its labels is worth (see ``worth``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from storage.cells import Cell
from storage.database.connection import Database
from storage.finding.review import origins, worth
from storage.finding.review.decided import still_open
from storage.finding.review.findings import Asked, Finding, Known, Origin
from storage.runs import reports

# One origin has no more than so many places in a row while another has findings.
IN_A_ROW = 3


def find(db: Database, project_id: int, known: Known, document: int | None = None) -> list[Finding]:
    """Return what is worth a look, the most expected gain first; of one document, the likeliest.

    What was mended, confirmed or turned down since is left out, and so is what waits for an
    answer in a flagged document. In the same state of a project the order is always the same.
    """
    with db.read() as session:
        asked = Asked(session, project_id, document, known)
        found = [*origins.errors(asked), *origins.suspects(asked), *origins.disagreeing(asked)]
        found = [*still_open(session, found), *origins.doubts(asked)]
        value = worth.of_labels(asked)
    return in_turns(_joined(worth.valued(each, value) for each in found))


def about(db: Database, project_id: int, known: Known, cell: Cell) -> list[Finding]:
    """Return what is about the two labels of a confusion: its own sentences first of all.

    Behind them come the other places where one of the two was given and the other is suggested,
    and what is to do in which the model suggests one of them.
    """
    both = {cell.gold, cell.predicted}
    found = [
        each
        for each in find(db, project_id, known)
        if each.labels == both or (Origin.DOUBT in each.origins and each.labels & both)
    ]
    told = {each.document: each for each in reversed(found)}
    first = [
        told.get(document)
        or Finding(document, None, None, (), (f"In the report: {cell.title}",), 0.0)
        for document in reports.cell_documents(db, cell)
    ]
    own = {each.document for each in first}
    return [*first, *(each for each in found if each.document not in own)]


def _joined(found: Iterable[Finding]) -> list[Finding]:
    """Join what is said of the same place, the likelier first."""
    places: dict[tuple[int, int, int], Finding] = {}
    for each in sorted(found, key=lambda one: (-one.chance, one.place)):
        known = places.setdefault(each.place, each)
        if known is not each:
            origins = tuple(dict.fromkeys((*known.origins, *each.origins)))
            reasons = tuple(dict.fromkeys((*known.reasons, *each.reasons)))
            places[each.place] = replace(known, origins=origins, reasons=reasons)
    return list(places.values())


def in_turns(found: list[Finding]) -> list[Finding]:
    """Let no origin keep the others away: after a few of one the best of another comes."""
    ranked = sorted(found, key=_rank)
    waiting = {
        origin: deque(each for each in ranked if each.origins[0] is origin) for origin in Origin
    }
    order: list[Finding] = []
    row, last = 0, None
    while left := {origin for origin, queue in waiting.items() if queue}:
        if row >= IN_A_ROW and len(left) > 1:
            left -= {last}
        best = min(left, key=lambda origin: _rank(waiting[origin][0]))
        row, last = (row + 1 if best is last else 1), best
        order.append(waiting[best].popleft())
    return order


def _rank(each: Finding) -> tuple:
    return -each.gain, each.place
