"""What became of suggestions: how many of them people kept, by who had made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.schema import JournalRow, RunRow, SuggestionOutcomeRow
from storage.runs.runs import required_run


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what one run's model suggested for a document that is finished now.

    ``scores`` tell of each suggestion how sure the model was, and whether it was kept; ``added``
    counts the marks that nobody had suggested: of several makers, only the one that everything
    else is of has them. ``entry`` is the journal's newest of then, once it is stored.
    """

    document: int
    run: int
    revision: int | None
    scores: tuple[tuple[float, bool], ...]
    added: int = 0
    entry: int = field(default=0, compare=False)

    @property
    def kept(self) -> int:
        return sum(kept for _, kept in self.scores)

    @property
    def dropped(self) -> int:
        return len(self.scores) - self.kept

    @property
    def changed(self) -> int:
        """How many changes it took a person to come from the suggestions to the result."""
        return self.dropped + self.added


@dataclass(frozen=True, slots=True)
class Record:
    """Several documents' outcomes together."""

    documents: int = 0
    kept: int = 0
    dropped: int = 0
    added: int = 0

    @property
    def changed(self) -> int:
        """How many suggestions people changed, those included that they had to make."""
        return self.dropped + self.added


def put(db: Database, outcomes: Iterable[Outcome]) -> None:
    """Store outcomes, in place of those that the same documents and runs had."""
    for _, some in groupby(outcomes, attrgetter("document")):
        # All of a document at once: so they have one entry.
        with db.write(durable=False) as session:
            for one in some:
                _put(session, one)


def _put(session: Session, one: Outcome) -> None:
    project = required_run(session, one.run).project_id
    newest = select(func.coalesce(func.max(JournalRow.id), 0))
    entry = session.scalar(newest.where(JournalRow.project_id == project))
    row = SuggestionOutcomeRow
    same = row.document_id == one.document, row.run_id == one.run
    session.execute(delete(row).where(*same))
    values = {"document_id": one.document, "run_id": one.run, "entry": entry}
    counts = {"kept": one.kept, "dropped": one.dropped, "added": one.added}
    scores = [[score, int(kept)] for score, kept in one.scores]
    more = {"revision": one.revision, "scores": scores}
    session.execute(insert(row).values(**values, **counts, **more))


def newest(db: Database, project_id: int, count: int, run: int | None = None) -> list[Outcome]:
    """Return the outcomes of the documents finished last, the newest first; of one run, or all."""
    query = (
        select(SuggestionOutcomeRow)
        .join(RunRow, RunRow.id == SuggestionOutcomeRow.run_id)
        .where(RunRow.project_id == project_id)
        .order_by(SuggestionOutcomeRow.entry.desc(), SuggestionOutcomeRow.document_id.desc())
        .limit(count)
    )
    if run is not None:
        query = query.where(SuggestionOutcomeRow.run_id == run)
    with db.read() as session:
        return [_outcome(row) for row in session.scalars(query)]


def stamp(db: Database, project_id: int) -> tuple[int, int]:
    """Return what is another one when a document's outcome has come, or has gone."""
    query = (
        select(func.coalesce(func.max(SuggestionOutcomeRow.entry), 0), func.count())
        .join(RunRow, RunRow.id == SuggestionOutcomeRow.run_id)
        .where(RunRow.project_id == project_id)
    )
    with db.read() as session:
        newest, known = session.execute(query).one()
        return newest, known


def joined(of_document: Sequence[Outcome]) -> Outcome:
    """Return what became of all that several makers suggested for one document.

    It is in the name of the one that goes on learning, where there is one.
    """
    first = next((each for each in of_document if each.revision is not None), of_document[0])
    scores = tuple(pair for each in of_document for pair in each.scores)
    return replace(first, scores=scores, added=sum(each.added for each in of_document))


def total(outcomes: Sequence[Outcome]) -> Record:
    """Add outcomes up."""
    return Record(
        len(outcomes),
        sum(each.kept for each in outcomes),
        sum(each.dropped for each in outcomes),
        sum(each.added for each in outcomes),
    )


def by_maker(db: Database, project_id: int) -> dict[int, Record]:
    """Add the outcomes of a project up for each run whose model had suggested something."""
    row = SuggestionOutcomeRow
    sums = (func.coalesce(func.sum(column), 0) for column in (row.kept, row.dropped, row.added))
    query = (
        select(row.run_id, func.count(), *sums)
        .join(RunRow, RunRow.id == row.run_id)
        .where(RunRow.project_id == project_id)
        .group_by(row.run_id)
        .order_by(row.run_id)
    )
    with db.read() as session:
        return {run: Record(*map(int, counts)) for run, *counts in session.execute(query)}


def _outcome(row: SuggestionOutcomeRow) -> Outcome:
    scores = tuple((float(score), bool(kept)) for score, kept in row.scores)
    return Outcome(row.document_id, row.run_id, row.revision, scores, row.added, row.entry)
