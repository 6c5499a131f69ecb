"""What is worth looking at next: errors, suspects, doubts and disagreements in one order.

Each finding has an expected gain, in points of F1: the chance that looking mends something (see
``origins``), times what one more right mark of its labels is worth (see ``worth``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from storage.database.connection import Database
from storage.finding.review import origins, worth
from storage.finding.review.decided import still_open
from storage.finding.review.findings import Asked, Finding, Origin

# One origin has no more than so many places in a row while another has findings.
IN_A_ROW = 3


def find(db: Database, project_id: int, document: int | None = None) -> list[Finding]:
    """Return what is worth a look, the most expected gain first; of one document, if asked.

    What was mended, confirmed or turned down since is left out, and so is what waits for an
    answer in a flagged document. In the same state of a project the order is always the same.
    """
    with db.read() as session:
        asked = Asked(session, project_id, document)
        found = [*origins.errors(asked), *origins.suspects(asked), *origins.disagreeing(asked)]
        found = [*still_open(session, found), *origins.doubts(asked)]
        value = worth.of_labels(asked)
    return in_turns(_joined(worth.valued(each, value) for each in found))


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
