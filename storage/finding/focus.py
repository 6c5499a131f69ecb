"""What in a document its queue is about: the place that is selected when the document opens."""

from __future__ import annotations

from storage.cells import Cell
from storage.corpus.documents import required_document
from storage.database.connection import Database
from storage.finding import review_list
from storage.finding.selection import Order, Selection
from storage.journal.state import State
from storage.runs import compared, reports
from storage.runs.suggestions import Suggestions
from storage.types import Span


def focus(
    db: Database, selection: Selection, document: int, work: State, found: Suggestions | None
) -> Span | None:
    """Return the span or the suggestion for which a document is in a queue, if there is one."""
    match selection.kind:
        case Order.CELL:
            return _of_cell(db, selection.part, document)
        case Order.COMPARED:
            return compared.first(db, selection.outcome, document)
        case Order.FOCUS:
            return _of_cell(db, selection.part, document) or _worth_most(db, document)
        case Order.REVIEW:
            return _worth_most(db, document)
        case Order.LABEL:
            asked = [span for span in _undecided(work, found) if span.label == selection.label]
            given = [span for span in _given(work) if span.label == selection.label]
            return min(asked, key=lambda span: span.score, default=next(iter(given), None))
        case Order.DISAGREES:
            known = {_place(span) for span in found.spans} if found else set()
            alone = [span for span in _given(work) if _place(span) not in known]
            surest = sorted(_undecided(work, found), key=lambda span: -(span.score or 0.0))
            return next(iter([*surest, *alone]), None)
    return None


def _of_cell(db: Database, cell: Cell, document: int) -> Span | None:
    """The first of the document's places in the cell, where it stands in the report."""
    match = next(iter(reports.cell_matches(db, cell, document)), None)
    return match.place if match else None


def _worth_most(db: Database, document: int) -> Span | None:
    """The place that is worth most in a document."""
    with db.read() as session:
        project = required_document(session, document).project_id
    found = next(iter(review_list.find(db, project, document)), None)
    return (found.given or found.suggested) if found else None


def _undecided(work: State, found: Suggestions | None) -> list[Span]:
    decided = {_place(span) for span in _given(work)} | work.rejected
    return [span for span in found.spans if _place(span) not in decided] if found else []


def _given(work: State) -> list[Span]:
    return sorted(work.spans.values())


def _place(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.label
