"""A project's documents at one moment, however many: read a part at a time, under no lock.

Who reads them all keeps nobody from writing, and is told which edits are among what was read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from storage.corpus import answers, reading
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.queries import CHUNK, chunks
from storage.engines.schema import AnnotationRow, DocumentRow, JournalRow
from storage.types import Document, Split, Status


@dataclass(frozen=True, slots=True)
class Moment:
    """What a session that sees one moment of the database knows of a project."""

    session: Session
    project: int

    @property
    def newest_edit(self) -> int:
        """The journal's newest entry: it and all before it are in the documents, no later one."""
        newest = select(func.coalesce(func.max(JournalRow.id), 0))
        return self.session.scalar(newest.where(JournalRow.project_id == self.project)) or 0

    def outline(
        self, split: Split | None = None, statuses: Collection[Status] | None = None
    ) -> list[tuple[int, Split | None]]:
        """Return id and split of the documents that ``documents`` would yield, in their order."""
        query = _chosen(select(DocumentRow.id, DocumentRow.split), self.project, split, statuses)
        rows = self.session.connection().execute(query.order_by(DocumentRow.id))
        return [(id, Split(split) if split else None) for id, split in rows]

    def count(self, split: Split | None = None, statuses: Collection[Status] | None = None) -> int:
        """Return how many documents ``documents`` would yield."""
        query = _chosen(
            select(func.count()).select_from(DocumentRow), self.project, split, statuses
        )
        return self.session.scalar(query) or 0

    def documents(
        self,
        split: Split | None = None,
        statuses: Collection[Status] | None = None,
        *,
        tokens: bool = True,
    ) -> Iterator[Document]:
        """Yield documents in import order, each with its newest annotation's spans.

        ``split`` and ``statuses`` keep only those of these; who needs no ``tokens`` waits half
        as long without.
        """
        query = _chosen(select(*_COLUMNS), self.project, split, statuses).order_by(DocumentRow.id)
        last = 0
        while rows := self._rows(query.where(DocumentRow.id > last).limit(CHUNK)):
            yield from _documents(self.session, rows, tokens)
            last = rows[-1].id

    def answered(
        self,
        split: Split | None = None,
        statuses: Collection[Status] | None = None,
        *,
        tokens: bool = True,
    ) -> Iterator[Document]:
        """Yield likewise with who gave the spans, and what other annotators said."""
        found = self.documents(split, statuses, tokens=tokens)
        yield from answers.beside(self.session, found)

    def picked(self, ids: Iterable[int]) -> Iterator[Document]:
        """Yield the documents of these ids, which are in import order."""
        query = _chosen(select(*_COLUMNS), self.project, None, None).order_by(DocumentRow.id)
        for chunk in chunks(ids):
            rows = self._rows(query.where(DocumentRow.id.in_(chunk)))
            yield from _documents(self.session, rows, True)

    def _rows(self, query: Select) -> Sequence[Row]:
        # Past the session, which would make an object of each and keep it.
        return self.session.connection().execute(query).all()


@contextmanager
def at(db: Database, project_id: int) -> Iterator[Moment]:
    """Yield a project's moment; raises NotFoundError."""
    with db.read() as session:
        required(session, project_id)
        yield Moment(session, project_id)


def _chosen(
    query: Select, project: int, split: Split | None, statuses: Collection[Status] | None
) -> Select:
    """Return the query of a project's documents, beside the newest annotation of each."""
    query = query.outerjoin(
        AnnotationRow, (AnnotationRow.document_id == DocumentRow.id) & AnnotationRow.is_current
    ).where(DocumentRow.project_id == project)
    if split is not None:
        query = query.where(DocumentRow.split == split)
    if statuses is not None:
        query = query.where(_STATUS.in_(statuses))
    return query


def _documents(session: Session, rows: Sequence[Row], with_tokens: bool) -> Iterator[Document]:
    tokens = reading.tokens(session, [row.id for row in rows]) if with_tokens else {}
    spans = reading.spans(session, [row.annotation for row in rows if row.annotation])
    for row in rows:
        yield _document(row, tokens.get(row.id, ()), tuple(spans.get(row.annotation, ())))


def _document(row: Any, tokens: tuple, spans: tuple) -> Document:
    return Document(
        text=row.text,
        tokens=tokens,
        spans=spans,
        split=Split(row.split) if row.split else None,
        group=row.group_name,
        status=Status(row.status),
        name=row.name,
        layout=row.layout,
        id=row.id,
        second_text=row.second_text,
        date=row.date,
    )


_STATUS = func.coalesce(AnnotationRow.status, Status.UNTOUCHED)
_COLUMNS = (
    *(DocumentRow.id, DocumentRow.text, DocumentRow.second_text, DocumentRow.split),
    *(DocumentRow.group.label("group_name"), DocumentRow.name, DocumentRow.layout),
    *(DocumentRow.date, AnnotationRow.id.label("annotation"), _STATUS.label("status")),
)
