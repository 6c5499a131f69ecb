"""What people marked in other projects, a few documents at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from storage.corpus import reading
from storage.database.connection import Database
from storage.engines import queries
from storage.engines.schema import AnnotationRow, DocumentRow
from storage.types import Span, Status

MOST = 10_000
"""Documents that are read at most: those that were finished last."""
AT_ONCE = 50

Marked = tuple[str, list[Span]]


def finished(db: Database, project_ids: Sequence[int], most: int = MOST) -> list[int]:
    """Return the annotations of the documents of projects that were finished last."""
    query = (
        select(AnnotationRow.id)
        .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
        .where(DocumentRow.project_id.in_(project_ids))
        .where(AnnotationRow.is_current, AnnotationRow.status == Status.DONE)
        .order_by(AnnotationRow.id.desc())
        .limit(most)
    )
    with db.read() as session:
        return list(session.scalars(query))


def marked(db: Database, annotation_ids: Sequence[int]) -> Iterator[Marked]:
    """Yield the text of each of these annotations, and its spans."""
    query = select(AnnotationRow.id, DocumentRow.text).join(
        DocumentRow, DocumentRow.id == AnnotationRow.document_id
    )
    for chunk in queries.chunks(annotation_ids, AT_ONCE):
        with db.read() as session:
            texts = session.execute(query.where(AnnotationRow.id.in_(chunk))).all()
            spans = reading.spans(session, chunk)
        yield from ((text, spans.get(annotation, [])) for annotation, text in texts)
