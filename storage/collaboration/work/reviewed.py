"""What review left of somebody's work.

Reviewed is a document that somebody finished and somebody else settled after them: by a decision
between several versions, else by a finished version of their own that began with the labels which
counted then, and was not only changed with many others at once. What is compared is each version
as it stands now: who has followed a review is not told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from storage.collaboration import cases
from storage.collaboration.adjudication import DECIDES
from storage.collaboration.cases import Place
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow, JournalRow, SpanRow
from storage.types import Merged, Status


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of somebody's work at review: counts of reviewed documents, and of marks.

    ``changed`` documents have other labels than they gave them; ``marks`` are those of theirs
    that went, and those that came.
    """

    documents: int = 0
    changed: int = 0
    marks: int = 0


@dataclass(frozen=True, slots=True)
class _Began:
    """When somebody's version began: the number of its first entry in the journal."""

    annotator: str
    entry: int


def changes(session: Session, project_id: int) -> dict[str, Changed]:
    """Return what review changed in each person's work, by name."""
    decided = _decided(session, project_id)
    mended = {id: by for id, by in _mended(session, project_id).items() if id not in decided}
    counts: dict[str, Changed] = {}
    for versions, outcome in chain(
        cases.decisions(session, project_id, decided), _versions(session, mended)
    ):
        for name, marks in versions.items():
            before, moved = counts.get(name, Changed()), len(marks ^ outcome)
            counts[name] = Changed(
                before.documents + 1, before.changed + bool(moved), before.marks + moved
            )
    return counts


def _decided(session: Session, project_id: int) -> set[int]:
    row = AnnotationRow
    query = select(row.document_id).join(DocumentRow, DocumentRow.id == row.document_id)
    done = row.annotator == DECIDES, row.status == Status.DONE
    return set(session.scalars(query.where(DocumentRow.project_id == project_id, *done)))


def _mended(session: Session, project_id: int) -> dict[int, _Began]:
    """Return the documents that a second person finished from others' labels: who began last."""
    row = AnnotationRow
    people = row.annotator.not_in(list(Merged)), row.status == Status.DONE
    several = (
        select(row.document_id)
        .join(DocumentRow, DocumentRow.id == row.document_id)
        .where(DocumentRow.project_id == project_id, *people)
        .group_by(row.document_id)
        .having(func.count() > 1)
    )
    entry, single = JournalRow, aliased(JournalRow)
    first = (
        select(func.min(entry.id).label("id"))
        .where(entry.document_id.in_(several))
        .group_by(entry.document_id, entry.annotator)
        .subquery()
    )
    alone = select(single.id).where(
        single.document_id == entry.document_id,
        single.annotator == entry.annotator,
        single.action_id.is_(None),
    )
    theirs = (row.document_id == entry.document_id) & (row.annotator == entry.annotator)
    query = (
        select(entry.document_id, entry.annotator, entry.id)
        .join(first, first.c.id == entry.id)
        .join(row, theirs)
        # Who begins with nothing, or with what was imported, begins at the revision 0.
        .where(entry.base_revision > 0, *people, alone.exists())
        .order_by(entry.id)
    )
    return {id: _Began(name, number) for id, name, number in session.execute(query)}


def _versions(
    session: Session, mended: Mapping[int, _Began]
) -> Iterable[tuple[dict[str, frozenset[Place]], frozenset[Place]]]:
    """Yield, for each document, what people had finished before it was mended, and what it is."""
    row, entry = AnnotationRow, JournalRow
    for chunk in chunks(mended):
        begun = (
            select(entry.document_id, entry.annotator, func.min(entry.id))
            .where(entry.document_id.in_(chunk))
            .group_by(entry.document_id, entry.annotator)
        )
        first = {(id, name): number for id, name, number in session.execute(begun)}
        query = select(row.document_id, row.annotator, row.id).where(
            row.document_id.in_(chunk), row.status == Status.DONE
        )
        found: dict[int, dict[str, int]] = {}
        for id, name, annotation in session.execute(query):
            # What was imported is nobody's work.
            if first.get((id, name), mended[id].entry + 1) <= mended[id].entry:
                found.setdefault(id, {})[name] = annotation
        ids = [annotation for versions in found.values() for annotation in versions.values()]
        marks = cases.marks_of(session, SpanRow, ids)
        for id, versions in found.items():
            read = {name: frozenset(marks.get(each, ())) for name, each in versions.items()}
            outcome = read.pop(mended[id].annotator)
            yield read, outcome
