"""What edited annotations leave in the database: their rows, spans and judgements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import (
    AnnotationRow,
    ConfirmationRow,
    LabelRow,
    RejectionRow,
    SpanRow,
)
from storage.journal.loading import Loaded
from storage.journal.state import Rejected, State
from storage.types import Span


@dataclass(frozen=True, slots=True)
class Edited:
    """An annotation before and after some edits; ``claims``: it is the document's current one.

    ``guideline`` is the version of the guideline that it is made under.
    """

    document: int
    annotator: str
    loaded: Loaded
    state: State
    claims: bool
    label_ids: Mapping[str, int]
    guideline: int | None = None


def write(session: Session, edited: list[Edited]) -> None:
    """Write what became of some annotations, each compared with what was loaded."""
    annotations = _store_annotations(session, edited)
    _store_spans(session, edited, annotations)
    for each, annotation in zip(edited, annotations, strict=True):
        _store_judgements(session, RejectionRow, annotation, _judged(each, "rejected"))
        _store_judgements(session, ConfirmationRow, annotation, _judged(each, "confirmed"))


def _store_annotations(session: Session, edited: list[Edited]) -> list[int]:
    """Write status and revision of each annotation and return the annotations' ids."""
    overtaken = [each.document for each in edited if each.claims and not each.loaded.is_current]
    for chunk in chunks(overtaken):
        where = AnnotationRow.document_id.in_(chunk) & AnnotationRow.is_current
        session.execute(update(AnnotationRow).where(where).values(is_current=False))
    at = now()
    values = [_annotation_values(each, at) for each in edited]
    old = [
        {"id": each.loaded.annotation} | row
        for each, row in zip(edited, values, strict=True)
        if each.loaded.annotation is not None
    ]
    new = [
        {"document_id": each.document, "annotator": each.annotator} | row
        for each, row in zip(edited, values, strict=True)
        if each.loaded.annotation is None
    ]
    if old:
        session.execute(update(AnnotationRow), old)
    added = insert(AnnotationRow).returning(AnnotationRow.id, sort_by_parameter_order=True)
    made = iter(session.scalars(added, new).all() if new else [])
    return [each.loaded.annotation or next(made) for each in edited]


def _annotation_values(each: Edited, at: str) -> dict[str, Any]:
    state = each.state
    return {
        "status": state.status,
        "revision": state.revision,
        "is_current": each.claims or each.loaded.is_current,
        "flagged": state.flagged,
        "comment": state.comment,
        "guideline": each.guideline,
        "updated_at": at,
    }


def _store_spans(session: Session, edited: list[Edited], annotations: list[int]) -> None:
    # A changed span is written anew: simpler than an update, and as quick.
    gone, new = [], []
    for each, annotation in zip(edited, annotations, strict=True):
        before = each.loaded.state.spans if each.loaded.annotation is not None else {}
        after = each.state.spans
        gone += [
            (annotation, uid)
            for uid, span in before.items()
            if span is not (other := after.get(uid)) and not _identical(span, other)
        ]
        new += [
            _span_row(annotation, span, each.label_ids)
            for uid, span in after.items()
            if span is not (other := before.get(uid)) and not _identical(span, other)
        ]
    _delete_spans(session, gone)
    if new:
        session.execute(insert(SpanRow), new)


def _delete_spans(session: Session, gone: list[tuple[int, str]]) -> None:
    by_annotation: dict[int, list[str]] = {}
    for annotation, uid in gone:
        by_annotation.setdefault(annotation, []).append(uid)
    for annotation, uids in by_annotation.items():
        for chunk in chunks(uids):
            where = (SpanRow.annotation_id == annotation) & SpanRow.uid.in_(chunk)
            session.execute(delete(SpanRow).where(where))


def _judged(each: Edited, held: str) -> tuple[frozenset[Rejected], list[dict[str, Any]]]:
    """Return the places that left one of a state's sets, and the rows of those that came in."""
    mine = each.loaded.annotation is not None
    before: frozenset[Rejected] = getattr(each.loaded.state, held) if mine else frozenset()
    after: frozenset[Rejected] = getattr(each.state, held)
    ids = each.label_ids
    fresh = [
        {"start": start, "end": end, "label_id": ids[label]}
        for start, end, label in after - before
        if label in ids
    ]
    return before - after, fresh


def _store_judgements(
    session: Session,
    table: type[RejectionRow | ConfirmationRow],
    annotation: int,
    change: tuple[frozenset[Rejected], list[dict[str, Any]]],
) -> None:
    gone, fresh = change
    for start, end, label in gone:
        named = table.label_id.in_(select(LabelRow.id).where(LabelRow.name == label))
        place = (table.start == start) & (table.end == end) & named
        session.execute(delete(table).where((table.annotation_id == annotation) & place))
    if fresh:
        session.execute(insert(table), [{"annotation_id": annotation, **row} for row in fresh])


def _span_row(annotation: int, span: Span, label_ids: Mapping[str, int]) -> dict[str, Any]:
    return {
        "annotation_id": annotation,
        "uid": span.id,
        "start": span.start,
        "end": span.end,
        "label_id": label_ids[span.label],
        "source": span.source,
        "score": span.score,
    }


def _identical(span: Span, other: Span | None) -> bool:
    """Compare maker and score too, which equality of spans leaves out."""
    return span == other and (span.source, span.score) == (other.source, other.score)
