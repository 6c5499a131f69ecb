"""Documents of two texts: what people say of those that stand with a text."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storage.collaboration.rules import starts
from storage.database import settings
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow, LabelRow, SpanRow
from storage.hashing import text_hash
from storage.types import Status


@dataclass(frozen=True, slots=True)
class Known:
    """A document of two texts that a project has, and what people say of it now."""

    document: int
    label: str
    """Empty where nobody has answered, or nothing fitted."""
    done: bool


def known(db: Database, project_id: int, text: str, seconds: Collection[str]) -> dict[str, Known]:
    """Return which of these second texts stand with a text in the project, by the second text.

    Where people label blind, who may not compare is told of their own answers alone.
    """
    own = AnnotationRow.annotator == settings.annotator(db)
    counts = own if starts.refusal(db, project_id) else AnnotationRow.is_current.is_(True)
    with db.read() as session:
        rows = _find(session, project_id, text, seconds)
        answers = _answers(session, [row.id for row in rows.values()], counts)
    return {
        second: Known(row.id, *answers.get(row.id, ("", False))) for second, row in rows.items()
    }


def _find(
    session: Session, project_id: int, text: str, seconds: Iterable[str]
) -> dict[str, DocumentRow]:
    found: dict[str, DocumentRow] = {}
    hashes = {text_hash(second): second for second in seconds}
    for chunk in chunks(hashes):
        query = select(DocumentRow).where(
            DocumentRow.project_id == project_id,
            DocumentRow.text_hash == text_hash(text),
            DocumentRow.second_hash.in_(chunk),
        )
        # Of several that are alike, the one that came first.
        for row in session.scalars(query.order_by(DocumentRow.id.desc())):
            found[hashes[row.second_hash or ""]] = row
    return found


def _answers(
    session: Session, documents: Iterable[int], counts: ColumnElement[bool]
) -> dict[int, tuple[str, bool]]:
    found: dict[int, tuple[str, bool]] = {}
    for chunk in chunks(documents):
        query = (
            select(AnnotationRow.document_id, AnnotationRow.status, LabelRow.name)
            .outerjoin(SpanRow, SpanRow.annotation_id == AnnotationRow.id)
            .outerjoin(LabelRow, LabelRow.id == SpanRow.label_id)
            .where(AnnotationRow.document_id.in_(chunk), counts)
        )
        for document, status, label in session.execute(query):
            found[document] = (label or "", status == Status.DONE)
    return found
