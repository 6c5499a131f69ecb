"""Annotations read for editing, inside a transaction: one at a time, or many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import Session

from storage.collaboration.rules import starts
from storage.corpus import reading
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, ConfirmationRow, LabelRow, RejectionRow
from storage.journal.reach import Reach
from storage.journal.state import Rejected, State
from storage.types import Status


@dataclass(frozen=True, slots=True)
class Loaded:
    """A state as stored; ``annotation`` is None where it belongs to somebody else or to none.

    ``guideline`` is the version that it was made under, ``is_known`` whether there is a row.
    """

    state: State
    annotation: int | None
    is_current: bool
    guideline: int | None = None
    is_known: bool = False


def load(session: Session, document_id: int, annotator: str, reach: Reach | None = None) -> Loaded:
    """Return an annotator's state of a document, else the one that counts, else an empty one.

    Where people start blind, nothing of somebody else's is shown: they begin with an empty one.
    Of an annotator's own state only the spans within ``reach`` are read; None: all. What is
    somebody else's is read whole, for it will be copied.
    """
    pair = document_id, annotator
    row = _seen(session, {pair: _choose(_rows(session, [document_id]), pair)})[pair]
    if row is None:
        return _nothing()
    mine = row.annotator == annotator
    only = reach.condition(session, row.id) if reach and mine else None
    state = _states(session, [row], only)[row.id]
    return _loaded(state, row, annotator)


def load_many(session: Session, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Loaded]:
    """Return the states of pairs of document and annotator, each whole."""
    found = {}
    for pairs in chunks(wanted):
        rows = _rows(session, [document for document, _ in pairs])
        chosen = _seen(session, {pair: _choose(rows, pair) for pair in pairs})
        states = _states(session, [row for row in chosen.values() if row])
        for pair, row in chosen.items():
            found[pair] = _loaded(states[row.id], row, pair[1]) if row else _nothing()
    return found


def _loaded(state: State, row: Any, annotator: str) -> Loaded:
    mine = row.annotator == annotator
    own = row.id if mine else None
    return Loaded(state, own, mine and row.is_current, row.guideline, is_known=True)


def _nothing() -> Loaded:
    return Loaded(State(), None, False)


def _rows(session: Session, documents: list[int]) -> dict[int, list[Any]]:
    query = select(
        AnnotationRow.id,
        AnnotationRow.document_id,
        AnnotationRow.annotator,
        AnnotationRow.status,
        AnnotationRow.revision,
        AnnotationRow.is_current,
        AnnotationRow.flagged,
        AnnotationRow.comment,
        AnnotationRow.guideline,
    ).where(AnnotationRow.document_id.in_(documents))
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.document_id, []).append(row)
    return found


def _seen(session: Session, chosen: dict[tuple[int, str], Any]) -> dict[tuple[int, str], Any]:
    """Return what was chosen, without what somebody else made and is not to be seen."""
    foreign = [pair for pair, row in chosen.items() if row and row.annotator != pair[1]]
    hidden = starts.hidden(session, foreign) if foreign else set()
    return {pair: None if pair in hidden else row for pair, row in chosen.items()}


def _choose(found: dict[int, list[Any]], pair: tuple[int, str]) -> Any:
    rows = found.get(pair[0], [])
    mine = next((row for row in rows if row.annotator == pair[1]), None)
    return mine or next((row for row in rows if row.is_current), None)


def _states(
    session: Session, rows: list[Any], only: ColumnElement[bool] | None = None
) -> dict[int, State]:
    ids = [row.id for row in rows]
    spans = reading.spans(session, ids, only)
    rejected, confirmed = _judged(session, ids)
    return {
        row.id: State(
            row.revision,
            Status(row.status),
            {span.id: span for span in spans.get(row.id, [])},
            frozenset(rejected.get(row.id, ())),
            row.flagged,
            row.comment,
            frozenset(confirmed.get(row.id, ())),
        )
        for row in rows
    }


def _judged(
    session: Session, annotations: list[int]
) -> tuple[dict[int, list[Rejected]], dict[int, list[Rejected]]]:
    """Return rejected and confirmed places by annotation, with the labels of today."""
    rejected: dict[int, list[Rejected]] = {}
    confirmed: dict[int, list[Rejected]] = {}
    both = union_all(
        _places(RejectionRow, annotations, True), _places(ConfirmationRow, annotations, False)
    )
    for is_rejected, annotation, start, end, label in session.execute(both):
        found = rejected if is_rejected else confirmed
        found.setdefault(annotation, []).append((start, end, label))
    return rejected, confirmed


def _places(
    table: type[RejectionRow | ConfirmationRow], annotations: list[int], is_rejected: bool
) -> Select[bool, int, int, int, str]:
    return (
        select(literal(is_rejected), table.annotation_id, table.start, table.end, LabelRow.name)
        .join(LabelRow, LabelRow.id == table.label_id)
        .where(table.annotation_id.in_(annotations))
    )
