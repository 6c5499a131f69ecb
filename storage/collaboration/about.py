"""What a thread is about: a document, words in it, a label, a run, or a cell of its table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from storage.cells import Cell
from storage.corpus import validation
from storage.engines.run_rows import run_of
from storage.engines.schema import DocumentRow, LabelRow, RunRow, ThreadRow
from storage.errors import NotFoundError, RefusedError

LONGEST_QUOTE = 1_000
# Of the numbers that every database has.
_HIGHEST = 2**31 - 1
T = TypeVar("T")
_GONE = "What this is about is not there any more: reload the page."


class Kind(StrEnum):
    DOCUMENT = "document"
    SPAN = "span"
    LABEL = "label"
    RUN = "run"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class About:
    """What a thread is about; made by the functions below.

    ``start`` and ``end`` are code points in the document's text. ``label`` and ``run`` are ids.
    ``split``, ``gold`` and ``predicted`` name a cell as a `Cell` does.
    """

    kind: Kind
    document: int | None = None
    start: int | None = None
    end: int | None = None
    label: int | None = None
    run: int | None = None
    split: str = ""
    gold: str = ""
    predicted: str = ""


def on_document(document: int, label: int | None = None) -> About:
    """Return that a thread is about a document, or about a label that it has as a whole."""
    return About(Kind.DOCUMENT, document, label=label)


def on_span(document: int, start: int, end: int, label: int | None = None) -> About:
    """Return that a thread is about words of a document, or about a mark there.

    The empty range (0, 0) stands for the whole document, as it does in a `Span`.
    """
    if start == end == 0:
        return on_document(document, label)
    return About(Kind.SPAN, document, start, end, label)


def on_label(label: int) -> About:
    return About(Kind.LABEL, label=label)


def on_run(run: int) -> About:
    return About(Kind.RUN, run=run)


def on_cell(run: int, split: str, gold: str, predicted: str) -> About:
    return About(Kind.CELL, run=run, split=split, gold=gold, predicted=predicted)


def read(row: ThreadRow) -> About:
    """Return what a stored thread is about."""
    cell = row.cell or {}
    sides = (str(cell.get(name, "")) for name in ("split", "gold", "predicted"))
    place = row.document_id, row.start, row.end, row.label_id, row.run_id
    return About(Kind(row.kind), *place, *sides)


def check(session: Session, project_id: int, about: About) -> str:
    """Return the words that a thread is about; raises NotFoundError, RefusedError.

    Of a document as a whole there are none.
    """
    label = row_of(session, LabelRow, about.label)
    if about.label is not None and (
        label is None or label.is_deleted or label.project_id != project_id
    ):
        raise NotFoundError(_GONE)
    if about.kind in (Kind.DOCUMENT, Kind.SPAN):
        return _check_document(session, project_id, about)
    if about.kind is Kind.LABEL:
        if label is None:
            raise NotFoundError(_GONE)
        return label.name
    return _check_run(session, project_id, about)


def row_of(session: Session, table: type[T], id: int | None, turn: bool = False) -> T | None:
    """Return a row by its number, whatever number an address names; locked with ``turn``."""
    if id is None or not 0 < id <= _HIGHEST:
        return None
    return session.get(table, id, with_for_update=turn or None, populate_existing=turn)


def condition(about: About) -> ColumnElement[bool]:
    """Return what rows of threads have that are about this, or about a part of it."""
    row = ThreadRow
    if about.kind is Kind.LABEL:
        return (row.kind == Kind.LABEL) & (row.label_id == about.label)
    if about.kind is Kind.RUN:
        return row.run_id == about.run
    if about.kind is Kind.CELL:
        # The table is asked for as a whole, and its cells told apart afterwards: JSON is
        # compared differently by every database.
        return (row.kind == Kind.CELL) & (row.run_id == about.run)
    here = row.document_id == about.document
    if about.kind is Kind.SPAN:
        return here & (row.start < about.end) & (row.end > about.start)
    return here


def belongs(about: About, wider: About) -> bool:
    """Tell whether what a row is about lies in something wider, as `condition` cannot."""
    if wider.kind is not Kind.CELL:
        return True
    return (about.split, about.gold, about.predicted) == (
        wider.split,
        wider.gold,
        wider.predicted,
    )


def locate(text: str, start: int, end: int, quote: str) -> tuple[int, int] | None:
    """Return where the words of a thread stand in a text now: where they did, or nearest to it.

    None where they stand nowhere any more.
    """
    if text[start:end].startswith(quote) and end <= len(text):
        return start, end
    before, after = text.rfind(quote, 0, start + len(quote)), text.find(quote, start)
    found = [place for place in (before, after) if place >= 0]
    if not quote or not found:
        return None
    nearest = min(found, key=lambda place: abs(place - start))
    return nearest, nearest + len(quote)


def _check_document(session: Session, project_id: int, about: About) -> str:
    row = row_of(session, DocumentRow, about.document)
    if row is None or row.project_id != project_id:
        raise NotFoundError(_GONE)
    if about.start is None or about.end is None:
        return ""
    if not 0 <= about.start < about.end <= len(row.text):
        raise RefusedError("These words are not in the document: reload the page.")
    return row.text[about.start : about.end][:LONGEST_QUOTE]


def _check_run(session: Session, project_id: int, about: About) -> str:
    row = row_of(session, RunRow, about.run)
    if row is None or row.project_id != project_id:
        raise NotFoundError(_GONE)
    title = run_of(row).title
    if about.kind is Kind.RUN:
        return title
    for side in (about.split, about.gold, about.predicted):
        if len(validation.text(side, "The cell")) > validation.LONGEST_NAME:
            raise RefusedError("There is no such cell: reload the page.")
    return f"{title}, {Cell(row.id, about.split, about.gold, about.predicted).title}"
