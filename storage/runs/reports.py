"""Reports of runs: the figures, the rows behind each confusion cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
)

from storage import branches
from storage.cells import ANY, Cell, Only
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import Page, chunks, page
from storage.engines.schema import DocumentRow, MatchRow, ReportRow
from storage.facts import Facts
from storage.runs import filtering, match_rows, turns
from storage.types import ErrorKind, Match, Span, Split


@dataclass(frozen=True, slots=True)
class CellRow:
    """A row of a confusion cell with the document it is in."""

    id: int
    match: Match
    document: int
    name: str
    text: str


def store_report(
    db: Database,
    run_id: int,
    report: Mapping[str, Any],
    matches: Mapping[Split, Iterable[Match]],
    facts: Mapping[Split, Sequence[Facts]] | None = None,
) -> None:
    """Store a run's report, in place of the one it may have had.

    ``facts`` has as many as there are matches; without any they can be stored later.
    """
    clear_matches(db, run_id)
    add_matches(db, run_id, _with_facts(matches, facts))
    put_report(db, run_id, report)


def clear_matches(db: Database, run_id: int) -> None:
    """Forget a run's report, and its matches in turns; raises NotFoundError without the run.

    There is no report until ``put_report``: nobody sees some of the matches.
    """
    with turns.turn(db, run_id) as session:
        session.execute(delete(ReportRow).where(ReportRow.run_id == run_id))
    turns.clear(db, run_id, MatchRow)


def add_matches(
    db: Database, run_id: int, found: Iterable[tuple[Split, Match, Facts | None]]
) -> None:
    """Store more matches of a run, in turns; without facts these can be stored later."""
    turns.add(db, run_id, MatchRow, (match_rows.row_of(run_id, *each) for each in found))


def put_report(db: Database, run_id: int, report: Mapping[str, Any]) -> None:
    """Store a run's report once its matches are there."""
    with turns.turn(db, run_id) as session:
        session.execute(delete(ReportRow).where(ReportRow.run_id == run_id))
        row = {"run_id": run_id, "report": dict(report), "stored_at": now()}
        session.execute(insert(ReportRow), row)


def get_report(db: Database, run_id: int) -> dict[str, Any] | None:
    """Return a run's report, None where it has none."""
    with db.read() as session:
        row = session.get(ReportRow, run_id)
        return row.report if row else None


def stored_at(db: Database, run_id: int) -> str:
    """Return when a run's report was stored, "" where it has none: a moment in ISO 8601."""
    with db.read() as session:
        query = select(ReportRow.stored_at).where(ReportRow.run_id == run_id)
        return session.scalar(query) or ""


def headlines(db: Database, run_ids: Collection[int]) -> dict[int, tuple[str, float]]:
    """Return the split and the figure that each of some runs is known by, test before dev.

    A search is known by its best trial's, on dev. Runs without a figure are left out.
    """
    best = ReportRow.report[("best", "f1")].as_float()
    figures = _headline("test"), _headline("dev"), best
    query = select(ReportRow.run_id, *figures)
    found: dict[int, tuple[str, float]] = {}
    with db.read() as session:
        for some in chunks(run_ids):
            for run, *values in session.execute(query.where(ReportRow.run_id.in_(some))):
                known = zip(("test", "dev", "dev"), values, strict=True)
                if first := next(((split, f1) for split, f1 in known if f1 is not None), None):
                    found[run] = first
    return found


def supports(db: Database, run_ids: Collection[int]) -> dict[int, int]:
    """Return how many marks of people those figures were scored on; a search's on none."""
    places = [place for split in ("test", "dev") for place in _places(split, "support")]
    number = func.coalesce(*(ReportRow.report[place].as_integer() for place in places))
    query = select(ReportRow.run_id, number).where(number.is_not(None))
    with db.read() as session:
        asked = (query.where(ReportRow.run_id.in_(some)) for some in chunks(run_ids))
        return {run: count for each in asked for run, count in session.execute(each)}


def _headline(split: str) -> ColumnElement[float]:
    """Return a split's headline."""
    places = _places(split, "value")
    return func.coalesce(*(ReportRow.report[place].as_float() for place in places))


def _places(split: str, name: str) -> tuple[tuple[str, ...], ...]:
    """Return where a split's headline has a figure; versions 0.1 to 0.4 have it at the second."""
    before = "f1" if name == "value" else name
    return (split, "headline", name), (split, "entity", "micro", before)


def cell(db: Database, cell: Cell, after: int = 0, limit: int = 50) -> Page[CellRow]:
    """Return the rows of a part of the confusion table that follow ``after``."""
    # The rows of the page alone are read whole: an index knows which they are.
    first = select(MatchRow.id).where(*in_cell(cell), MatchRow.id > after)
    here = first.order_by(MatchRow.id).limit(limit + 1).scalar_subquery()
    query = select(MatchRow.id, MatchRow, DocumentRow.name, DocumentRow.text).join(
        DocumentRow, DocumentRow.id == MatchRow.document_id
    )
    with db.read() as session:
        found = query.where(MatchRow.id.in_(here))
        return page(session, found, MatchRow.id, after, limit, _cell_row)


def last_before(db: Database, cell: Cell, start: int) -> int:
    """Return the id of the row before the one at a place, 0 at the beginning: ``after`` of it.

    An index tells ids by place, so that a far page costs little more than the first.
    """
    if start <= 0:
        return 0
    query = select(MatchRow.id).where(*in_cell(cell)).order_by(MatchRow.id)
    with db.read() as session:
        return session.scalar(query.offset(start - 1).limit(1)) or 0


def judgements(
    db: Database, cell: Cell
) -> list[tuple[int, str | None, str | None, bool, float | None]]:
    """Return document, gold and predicted label, whether it is right, and the score of each row.

    That is all that figures are counted from, without what takes time to read.
    """
    columns = MatchRow.document_id, MatchRow.gold_label, MatchRow.predicted_label, MatchRow.kind
    query = select(*columns, MatchRow.predicted_score).where(*in_cell(cell)).order_by(MatchRow.id)
    with db.read() as session:
        return [
            (document, gold, predicted, kind == ErrorKind.EXACT, score)
            for document, gold, predicted, kind, score in session.execute(query)
        ]


def count_cell(db: Database, cell: Cell) -> int:
    """Return how many rows a part of the confusion table has."""
    query = select(func.count()).select_from(MatchRow).where(*in_cell(cell))
    with db.read() as session:
        return session.scalar(query) or 0


def cell_documents(db: Database, cell: Cell) -> list[int]:
    """Return the ids of the documents in a part of the table, each once, in import order."""
    query = select(MatchRow.document_id).where(*in_cell(cell)).distinct()
    with db.read() as session:
        return list(session.scalars(query.order_by(MatchRow.document_id)))


def cell_matches(db: Database, cell: Cell, document_id: int) -> list[Match]:
    """Return the matches of one document in a part of the table, in the order of the report."""
    query = select(MatchRow).where(*in_cell(cell), MatchRow.document_id == document_id)
    with db.read() as session:
        return [match_rows.read(row) for row in session.scalars(query.order_by(MatchRow.id))]


def places(db: Database, cell: Cell, documents: Select[int]) -> list[tuple[int, Span]]:
    """Return document and place of the rows of a part that lie in documents of a query."""
    query = select(MatchRow).where(*in_cell(cell), MatchRow.document_id.in_(documents))
    with db.read() as session:
        return [(row.document_id, match_rows.read(row).place) for row in session.scalars(query)]


def matches_of(db: Database, run_id: int, document_ids: Collection[int]) -> dict[int, list[Match]]:
    """Return all matches of a run on each of these documents: what it was scored against."""
    found: dict[int, list[Match]] = {document: [] for document in document_ids}
    with db.read() as session:
        for chunk in chunks(document_ids):
            here = MatchRow.run_id == run_id, MatchRow.document_id.in_(chunk)
            query = select(MatchRow).where(*here)
            for row in session.scalars(query.order_by(MatchRow.id)):
                found[row.document_id].append(match_rows.read(row))
    return found


def in_cell(cell: Cell) -> list[ColumnElement[bool]]:
    """Return what a match must fulfil; ``== None`` becomes IS NULL: a side that is not there."""
    gold, predicted = cell.sides
    where = [MatchRow.run_id == cell.run, MatchRow.split == cell.split]
    where += filtering.conditions(cell.filter)
    if cell.only is Only.ERRORS:
        # By name, so that an index leads to them: "not exact" would look at every row.
        where.append(MatchRow.kind.in_([kind for kind in ErrorKind if kind is not ErrorKind.EXACT]))
        if gold != ANY:
            sides = (MatchRow.gold_label, MatchRow.predicted_label)
            where.append(or_(*(_named(column, gold) for column in sides)))
        return where
    if cell.only is Only.BORDERS:
        where.append(MatchRow.kind == ErrorKind.BOUNDARY)
    if gold != ANY:
        where.append(_named(MatchRow.gold_label, gold))
    if predicted != ANY:
        where.append(_named(MatchRow.predicted_label, predicted))
    return where


def _named(column: Any, side: str | None) -> ColumnElement[bool]:
    """Return that a column has a label, or one of those of a branch (``branches.within``)."""
    name = branches.stem(side) if side else None
    if name is None:
        return column == side
    if branches.SIGN in name:
        return column == name
    # Not LIKE: in SQLite it takes capitals for small letters.
    rest = func.ltrim(func.substr(column, len(name) + 1), " ")
    below = and_(
        func.substr(column, 1, len(name)) == name, func.substr(rest, 1, 1) == branches.SIGN
    )
    return or_(column == name, below)


def _with_facts(
    matches: Mapping[Split, Iterable[Match]], facts: Mapping[Split, Sequence[Facts]] | None
) -> Iterator[tuple[Split, Match, Facts | None]]:
    for split, found in matches.items():
        known = zip(found, facts[split], strict=True) if facts else zip(found, repeat(None))
        yield from ((split, match, fact) for match, fact in known)


def _cell_row(row: Any) -> CellRow:
    stored: MatchRow = row.MatchRow
    return CellRow(stored.id, match_rows.read(stored), stored.document_id, row.name, row.text)
