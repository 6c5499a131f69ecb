"""Which matches a filter leaves: what a query asks for, and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from storage.database.connection import Database
from storage.engines.schema import MatchRow, MatchSliceRow
from storage.facts import GOLD, PREDICTED, RIGHT, WRONG, Between, Filter
from storage.types import ErrorKind

_COLUMNS = {
    "length": MatchRow.length,
    "document_length": MatchRow.document_length,
    "confidence": MatchRow.predicted_score,
}
FIELDS = [each.name for each in fields(Filter)]
Together = Mapping[tuple[str, str], int]
_SIDES = {GOLD: MatchRow.gold_label, PREDICTED: MatchRow.predicted_label}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many matches of a split are alike in labels, in whether they are right, and in error."""

    gold: str | None
    predicted: str | None
    exact: bool
    error: str | None
    border: str | None
    count: int


def conditions(asked: Filter) -> list[ColumnElement[bool]]:
    """Return what a match must fulfil to be left by a filter."""
    return [condition for name, value in asked.given() for condition in _asked(name, value)]


def tally(db: Database, run: int, split: str, asked: Filter) -> list[Tally]:
    """Count the matches of a split that a filter leaves, in one query."""
    exact = case((MatchRow.kind == ErrorKind.EXACT, 1), else_=0)
    by = MatchRow.gold_label, MatchRow.predicted_label, exact, MatchRow.error, MatchRow.border
    query = select(*by, func.count()).where(*_of(run, split, asked)).group_by(*by)
    with db.read() as session:
        return [
            Tally(gold, predicted, bool(exact), error, border, count)
            for gold, predicted, exact, error, border, count in session.execute(query)
        ]


def options(
    db: Database,
    run: int,
    split: str,
    asked: Filter,
    ranges: dict[str, Sequence[Between]],
) -> dict[str, Counter[Any]]:
    """Return how many matches each value of a filter's field would leave, beside its other fields.

    Values without a match are left out. ``ranges`` are those to count, by the names of fields.
    """
    found = {name: Counter(dict(_counted(db, run, split, asked, name))) for name in _BY}
    found["label"] = _labels(db, run, split, asked)
    for name, choices in ranges.items():
        found[name] = _between(db, run, split, asked, name, choices)
    return found


def known(db: Database, run: int) -> bool:
    """Tell whether the facts of a run's matches are stored: of all or, by older versions, of none.

    A run without a match has nothing that is not known.
    """
    first = select(MatchRow.error).where(MatchRow.run_id == run).limit(1)
    with db.read() as session:
        return all(error is not None for error in session.scalars(first))


_BY: dict[str, Any] = {
    "error": case((MatchRow.error == "", RIGHT), else_=MatchRow.error),
    "border": MatchRow.border,
    "seen": MatchRow.seen,
    "slice": MatchSliceRow.name,
}


def _of(run: int, split: str, asked: Filter) -> list[ColumnElement[bool]]:
    return [MatchRow.run_id == run, MatchRow.split == split, *conditions(asked)]


def _asked(name: str, value: Any) -> Iterator[ColumnElement[bool]]:
    """Yield what one field of a filter asks for."""
    match name:
        case "error":
            wrong = MatchRow.error != ""
            yield wrong if value == WRONG else MatchRow.error == ("" if value == RIGHT else value)
        case "border":
            yield MatchRow.border == value
        case "side":
            yield _SIDES[value].is_not(None)
        case "label":
            yield or_(MatchRow.gold_label == value, MatchRow.predicted_label == value)
        case "beside_gold":
            yield beside(aliased(MatchRow), "gold_label", value)
        case "beside_predicted":
            yield beside(aliased(MatchRow), "predicted_label", value)
        case "seen":
            yield MatchRow.seen.is_(value)
        case "slice":
            here = MatchSliceRow.match_id == MatchRow.id, MatchSliceRow.name == value
            yield exists().where(*here)
        case _:
            yield _within(_COLUMNS[name], value)


def beside(other: Any, side: str, label: str) -> ColumnElement[bool]:
    """Return that a match's document has another one, or itself, with a label on a side."""
    same = other.run_id == MatchRow.run_id, other.document_id == MatchRow.document_id
    return exists().where(*same, getattr(other, side) == label)


def together(db: Database, run: int, split: str, asked: Filter) -> dict[str, Together]:
    """Count the documents of which people gave two labels, and of which the model gave the second.

    Each is counted from the matches that a filter leaves: by GOLD and by PREDICTED, the first
    label, the second one, how many.
    """
    other = aliased(MatchRow)
    same = and_(other.run_id == MatchRow.run_id, other.document_id == MatchRow.document_id)
    found: dict[str, Together] = {}
    with db.read() as session:
        for side, column in ((GOLD, other.gold_label), (PREDICTED, other.predicted_label)):
            by = MatchRow.gold_label, column
            query = select(*by, func.count(MatchRow.id.distinct())).join(other, same).group_by(*by)
            where = (*_of(run, split, asked), *(each.is_not(None) for each in by))
            rows = session.execute(query.where(*where))
            found[side] = {(str(one), str(other)): count for one, other, count in rows}
    return found


def _within(column: Any, asked: Between) -> ColumnElement[bool]:
    ends = [] if asked.low is None else [column >= asked.low]
    ends += [] if asked.high is None else [column < asked.high]
    return and_(*ends, column.is_not(None))


def but(asked: Filter, name: str) -> Filter:
    """Return a filter that leaves one field open."""
    return replace(asked, **{name: getattr(Filter(), name)})


def _counted(
    db: Database, run: int, split: str, asked: Filter, name: str
) -> Iterator[tuple[Any, int]]:
    value = _BY[name]
    query = select(value, func.count()).select_from(MatchRow)
    if name == "slice":
        query = query.join(MatchSliceRow, MatchSliceRow.match_id == MatchRow.id)
    query = query.where(*_of(run, split, but(asked, name)), value.is_not(None)).group_by(value)
    with db.read() as session:
        yield from ((value, count) for value, count in session.execute(query))


def _labels(db: Database, run: int, split: str, asked: Filter) -> Counter[Any]:
    """Count matches by the label of either side; one with two counts for both."""
    found: Counter[Any] = Counter()
    for one in tally(db, run, split, but(asked, "label")):
        for label in {one.gold, one.predicted} - {None}:
            found[label] += one.count
    return found


def _between(
    db: Database, run: int, split: str, asked: Filter, name: str, choices: Sequence[Between]
) -> Counter[Any]:
    column = _COLUMNS[name]
    sums = [func.sum(case((_within(column, choice), 1), else_=0)) for choice in choices]
    with db.read() as session:
        query = select(*sums).where(*_of(run, split, but(asked, name)))
        counts = session.execute(query).one()
    return Counter({c: n for c, n in zip(choices, counts, strict=True) if n})
