"""What people have decided since: mended, confirmed, turned down, or asked about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.engines.queries import chunks
from storage.engines.schema import (
    AnnotationRow,
    ConfirmationRow,
    LabelRow,
    RejectionRow,
    SpanRow,
)
from storage.finding.review.findings import Finding
from storage.types import Span

Place = tuple[int, int, str]


def still_open(session: Session, found: Iterable[Finding]) -> list[Finding]:
    """Keep what nobody has decided: the given mark is still there, and the other one is not."""
    found = list(found)
    now, settled, flagged = _state(session, sorted({each.document for each in found}))
    return [each for each in found if each.document not in flagged and _waits(each, now, settled)]


def _waits(each: Finding, now: Mapping[int, set[Place]], settled: Mapping[int, set[Place]]) -> bool:
    there, decided = now.get(each.document, set()), settled.get(each.document, set())
    if each.given and (_of(each.given) not in there or _of(each.given) in decided):
        return False
    said = each.suggested and _of(each.suggested)
    return said is None or (said not in there and said not in decided)


def _state(
    session: Session, documents: Collection[int]
) -> tuple[dict[int, set[Place]], dict[int, set[Place]], set[int]]:
    """Return the marks of documents, what was judged there already, and which are flagged."""
    now: dict[int, set[Place]] = {}
    settled: dict[int, set[Place]] = {}
    flagged: set[int] = set()
    for chunk in chunks(documents):
        for table, into in ((SpanRow, now), (ConfirmationRow, settled), (RejectionRow, settled)):
            query = (
                select(AnnotationRow.document_id, table.start, table.end, LabelRow.name)
                .join(AnnotationRow, AnnotationRow.id == table.annotation_id)
                .join(LabelRow, LabelRow.id == table.label_id)
                .where(AnnotationRow.is_current, AnnotationRow.document_id.in_(chunk))
            )
            for document, start, end, label in session.execute(query):
                into.setdefault(document, set()).add((start, end, label))
        asked = select(AnnotationRow.document_id).where(
            AnnotationRow.document_id.in_(chunk), AnnotationRow.is_current, AnnotationRow.flagged
        )
        flagged.update(session.scalars(asked))
    return now, settled, flagged


def _of(span: Span) -> Place:
    return span.start, span.end, span.label
