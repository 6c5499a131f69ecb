"""What inspections found about models: like texts, changed texts on which a model fails.

Rows belong to the run whose model was inspected; the newest inspection replaces what one before
it left. Its own report, with all counts, is that of the inspection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from storage.corpus import reading
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.run_rows import run_of
from storage.engines.schema import (
    DocumentRow,
    NeighbourRow,
    ReportRow,
    RunRow,
    StressFailureRow,
)
from storage.runs.runs import required_run
from storage.types import Document, Neighbour, Run, Source, Span


@dataclass(frozen=True, slots=True)
class FailingText:
    """A changed text on which a model no longer finds what it found before.

    ``expected`` and ``found`` are marks in the changed text.
    """

    document: int
    test: str
    text: str
    expected: tuple[Span, ...]
    found: tuple[Span, ...]

    def loses(self, label: str) -> bool:
        """Tell whether a mark with this label is not found any more; "" is any label."""
        return any(label in ("", s.label) and s not in self.found for s in self.expected)


@dataclass(frozen=True, slots=True)
class LikeText:
    """A training document that is like another one, with its marks of now."""

    document: Document
    similarity: float


def store(
    db: Database, run_id: int, neighbours: Iterable[Neighbour], failures: Iterable[FailingText]
) -> None:
    """Store what was found about a run's model, in place of what was found before.

    Documents that are gone by now are passed over. Raises NotFoundError.
    """
    near, failing = list(neighbours), list(failures)
    with db.write() as session:
        project = required_run(session, run_id, lock=True).project_id
        for table in (NeighbourRow, StressFailureRow):
            session.execute(delete(table).where(table.run_id == run_id))
        named = {n.document for n in near} | {n.neighbour for n in near}
        there = _there(session, project, named | {failure.document for failure in failing})
        kept = (n for n in near if {n.document, n.neighbour} <= there)
        _insert(session, NeighbourRow, (_neighbour_row(run_id, each) for each in kept))
        left = (failure for failure in failing if failure.document in there)
        _insert(session, StressFailureRow, (_failure_row(run_id, each) for each in left))


def newest(db: Database, run_id: int, kind: str) -> tuple[Run, Mapping[str, Any]] | None:
    """Return the newest run of a kind that has a report about a run's model, with its report."""
    query = (
        select(RunRow, ReportRow)
        .join(ReportRow, ReportRow.run_id == RunRow.id)
        .where(RunRow.model_of == run_id, RunRow.kind == kind)
        .order_by(RunRow.id.desc())
    )
    with db.read() as session:
        found = session.execute(query.limit(1)).first()
        return (run_of(found[0]), found[1].report) if found else None


def like(db: Database, run_id: int, document_id: int) -> list[LikeText]:
    """Return the training documents that are most like one, the most similar first."""
    query = (
        select(NeighbourRow.similarity, DocumentRow)
        .join(DocumentRow, DocumentRow.id == NeighbourRow.neighbour_id)
        .where(NeighbourRow.run_id == run_id, NeighbourRow.document_id == document_id)
        .order_by(NeighbourRow.rank)
    )
    with db.read() as session:
        rows = session.execute(query).all()
        documents = reading.documents(session, [row for _, row in rows])
        return [LikeText(d, row[0]) for d, row in zip(documents, rows, strict=True)]


def has_like(db: Database, run_id: int, document_ids: Collection[int]) -> frozenset[int]:
    """Return those of the documents for which like ones are known."""
    with db.read() as session:
        found: set[int] = set()
        for chunk in chunks(document_ids):
            here = NeighbourRow.run_id == run_id, NeighbourRow.document_id.in_(chunk)
            found.update(session.scalars(select(NeighbourRow.document_id).where(*here).distinct()))
        return frozenset(found)


def failing(db: Database, run_id: int, test: str, label: str = "") -> list[FailingText]:
    """Return the texts that fail a test, of one label only those that lose a mark with it.

    There are at most as many as an inspection tries: some hundreds.
    """
    query = select(StressFailureRow).where(
        StressFailureRow.run_id == run_id, StressFailureRow.test == test
    )
    with db.read() as session:
        found = map(_failing, session.scalars(query.order_by(StressFailureRow.id)))
        return [each for each in found if each.loses(label)]


def _there(session: Session, project: int, ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(ids):
        here = DocumentRow.project_id == project, DocumentRow.id.in_(chunk)
        found.update(session.scalars(select(DocumentRow.id).where(*here)))
    return found


def _insert(session: Session, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    for chunk in chunks(rows):
        session.execute(insert(table), chunk)


def _neighbour_row(run_id: int, found: Neighbour) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "document_id": found.document,
        "rank": found.rank,
        "neighbour_id": found.neighbour,
        "similarity": found.similarity,
    }


def _failure_row(run_id: int, found: FailingText) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "document_id": found.document,
        "test": found.test,
        "text": found.text,
        "expected": list(map(_mark, found.expected)),
        "found": list(map(_mark, found.found)),
    }


def _mark(span: Span) -> dict[str, Any]:
    score = {} if span.score is None else {"score": span.score}
    return {"start": span.start, "end": span.end, "label": span.label, **score}


def _failing(row: StressFailureRow) -> FailingText:
    expected, found = map(_spans, (row.expected, row.found))
    return FailingText(row.document_id, row.test, row.text, expected, found)


def _spans(marks: Sequence[Mapping[str, Any]]) -> tuple[Span, ...]:
    return tuple(
        Span(
            mark["start"],
            mark["end"],
            mark["label"],
            source=Source.MODEL if "score" in mark else Source.PERSON,
            score=mark.get("score"),
        )
        for mark in marks
    )
