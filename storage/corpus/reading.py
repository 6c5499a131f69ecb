"""Documents put together from their rows, inside a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow, LabelRow, SpanRow, TokensRow
from storage.types import Document, Source, Span, Split, Status, Token

# A lookup takes a tenth of the time of Source(word), and documents have thousands of spans.
_SOURCES = {str(source): source for source in Source}


def documents(session: Session, rows: Iterable[DocumentRow]) -> Iterator[Document]:
    """Yield whole documents, each with its newest annotation's status and spans."""
    for chunk in chunks(rows):
        ids = [row.id for row in chunk]
        found = tokens(session, ids)
        current = _current(session, ids)
        owned = spans(session, [annotation for annotation, _ in current.values()])
        for row in chunk:
            annotation, status = current.get(row.id, (0, Status.UNTOUCHED))
            yield _document(row, found.get(row.id, ()), tuple(owned.get(annotation, ())), status)


def tokens(session: Session, ids: list[int]) -> dict[int, tuple[Token, ...]]:
    """Return the token boundaries of at most a chunk of documents."""
    query = select(TokensRow.document_id, TokensRow.boundaries).where(
        TokensRow.document_id.in_(ids)
    )
    return {
        id: tuple(zip(flat[::2], flat[1::2], strict=True)) for id, flat in session.execute(query)
    }


def spans(
    session: Session, annotation_ids: list[int], only: ColumnElement[bool] | None = None
) -> dict[int, list[Span]]:
    """Return the spans of at most a chunk of annotations, in the order of the text.

    ``only`` leaves out what somebody who needs some of them does not look at.
    """
    query = (
        select(
            SpanRow.annotation_id,
            SpanRow.start,
            SpanRow.end,
            SpanRow.label_id,
            SpanRow.uid,
            SpanRow.source,
            SpanRow.score,
        )
        .where(SpanRow.annotation_id.in_(annotation_ids))
        .order_by(SpanRow.start, SpanRow.end, SpanRow.label_id)
    )
    if only is not None:
        query = query.where(only)
    # Past the session, which would look at each of thousands of rows for objects to load.
    rows = session.connection().execute(query).all()
    names = _label_names(session, {row[3] for row in rows})
    found: dict[int, list[Span]] = {}
    for annotation, start, end, label, uid, source, score in rows:
        span = Span(start, end, names[label], uid, _SOURCES[source], score)
        found.setdefault(annotation, []).append(span)
    return found


def _label_names(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(LabelRow.id, LabelRow.name)
    return {
        id: name
        for chunk in chunks(ids)
        for id, name in session.execute(query.where(LabelRow.id.in_(chunk)))
    }


def _current(session: Session, ids: list[int]) -> dict[int, tuple[int, Status]]:
    query = select(AnnotationRow.document_id, AnnotationRow.id, AnnotationRow.status).where(
        AnnotationRow.document_id.in_(ids), AnnotationRow.is_current
    )
    return {
        document: (annotation, Status(status))
        for document, annotation, status in session.execute(query)
    }


def _document(
    row: DocumentRow, found: tuple[Token, ...], owned: tuple[Span, ...], status: Status
) -> Document:
    return Document(
        text=row.text,
        tokens=found,
        spans=owned,
        split=Split(row.split) if row.split else None,
        group=row.group,
        status=status,
        name=row.name,
        layout=row.layout,
        id=row.id,
        second_text=row.second_text,
        date=row.date,
    )
