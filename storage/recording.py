"""Edits inside a transaction: the state they are applied to, the rows they leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from storage import journal, labels, reading, validation
from storage.clock import now
from storage.errors import ConflictError, NotFoundError, RefusedError
from storage.journal import JournalEntry, Rules, State
from storage.queries import chunks
from storage.schema import AnnotationRow, DocumentRow, JournalRow, ProjectRow, SpanRow
from storage.types import Span, Status

# How many steps of undo and redo travel with each answer.
STEPS = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """A state as stored; ``annotation`` is None where it belongs to somebody else or to none."""

    state: State
    annotation: int | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """An operation that the journal holds already."""

    document: int
    annotator: str
    revision: int
    operation: Mapping[str, Any]


class Desk:
    """One annotator's document while a batch of edits is applied to it."""

    def __init__(self, session: Session, row: DocumentRow, annotator: str, client: str):
        """Use ``Desk.open`` instead."""
        self._session = session
        self._document = row
        self._annotator = annotator
        self._client = client
        self._loaded = load(session, row.id, annotator)
        self.state = self._loaded.state
        project = session.get_one(ProjectRow, row.project_id)
        owned = labels.of_project(session, row.project_id)
        self._label_ids = {label.name: label.id for label in owned}
        self._rules = Rules(row.text, self._label_ids, project.allow_overlaps)
        self._entries: list[dict[str, Any]] = []

    @classmethod
    def open(
        cls, session: Session, project_id: int, document_id: int, annotator: str, client: str
    ) -> Desk:
        """Load a document for editing; raises NotFoundError where the project has it not."""
        annotator = validation.name(annotator, "annotator")
        # The row lock makes editors of one document take turns on PostgreSQL too.
        row = session.get(DocumentRow, document_id, with_for_update=True)
        if row is None or row.project_id != project_id:
            raise NotFoundError(
                f"The project has no document {document_id}: choose one on the Data page."
            )
        return cls(session, row, annotator, client)

    def recorded(self, numbers: Iterable[int]) -> dict[int, Recorded]:
        """Return those of the client's operations that the journal holds, by their number."""
        found = {}
        for chunk in chunks(numbers):
            query = select(JournalRow).where(
                JournalRow.client == self._client, JournalRow.seq.in_(chunk)
            )
            for row in self._session.scalars(query):
                found[row.seq] = Recorded(
                    row.document_id, row.annotator, row.revision, row.operation
                )
        return found

    def check_same(self, operation: Mapping[str, Any], known: Recorded) -> None:
        """Raise RefusedError where a number that was used stands for another edit now."""
        here = (known.document, known.annotator) == (self._document.id, self._annotator)
        if not here or known.operation != operation:
            raise RefusedError("The number of this edit was used for another: reload the page.")

    def apply(self, operation: Mapping[str, Any]) -> None:
        """Apply a new operation; raises ConflictError, RefusedError."""
        if operation["base_revision"] != self.state.revision:
            raise ConflictError(
                "This document was changed in another tab or by someone else: "
                "keep theirs, or apply yours on top."
            )
        self.state, inverse = journal.apply(self.state, operation, self._rules)
        self._entries.append(self._entry(operation, inverse))

    def close(self) -> dict[str, Any]:
        """Store what changed and return the state as the tagger's JSON object."""
        if self._entries:
            annotation = self._store_annotation()
            self._store_spans(annotation)
            self._session.execute(insert(JournalRow), self._entries)
        names = {id: name for name, id in self._label_ids.items()}
        undo, redo = stacks(self._session, self._document.id, self._annotator, names)
        return as_json(self.state, undo, redo)

    def _entry(self, operation: Mapping[str, Any], inverse: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "project_id": self._document.project_id,
            "document_id": self._document.id,
            "annotator": self._annotator,
            "client": self._client,
            "seq": operation["seq"],
            "base_revision": operation["base_revision"],
            "revision": self.state.revision,
            "kind": operation["kind"],
            "undoes": operation.get("undoes"),
            "redoes": operation.get("redoes"),
            "operation": operation,
            "inverse": inverse,
            "label_id": self._label_ids.get(_label_of(inverse)),
            "created_at": now(),
        }

    def _store_annotation(self) -> int:
        if not self._loaded.is_current:
            self._session.execute(
                update(AnnotationRow)
                .where(AnnotationRow.document_id == self._document.id, AnnotationRow.is_current)
                .values(is_current=False)
            )
        values = {
            "status": self.state.status,
            "revision": self.state.revision,
            "is_current": True,
            "updated_at": now(),
        }
        if self._loaded.annotation is None:
            row = {"document_id": self._document.id, "annotator": self._annotator, **values}
            return self._session.scalar(insert(AnnotationRow).returning(AnnotationRow.id), row)
        where = AnnotationRow.id == self._loaded.annotation
        self._session.execute(update(AnnotationRow).where(where).values(values))
        return self._loaded.annotation

    def _store_spans(self, annotation: int) -> None:
        mine = self._loaded.annotation is not None
        before = self._loaded.state.spans if mine else {}
        after = self.state.spans
        # A changed span is written anew: simpler than an update, and as quick.
        gone = [uid for uid, span in before.items() if not _identical(span, after.get(uid))]
        new = [span for uid, span in after.items() if not _identical(span, before.get(uid))]
        for chunk in chunks(gone):
            where = (SpanRow.annotation_id == annotation) & SpanRow.uid.in_(chunk)
            self._session.execute(delete(SpanRow).where(where))
        if new:
            self._session.execute(
                insert(SpanRow), [self._span_row(annotation, span) for span in new]
            )

    def _span_row(self, annotation: int, span: Span) -> dict[str, Any]:
        return {
            "annotation_id": annotation,
            "uid": span.id,
            "start": span.start,
            "end": span.end,
            "label_id": self._label_ids[span.label],
            "source": span.source,
            "score": span.score,
        }


def load(session: Session, document_id: int, annotator: str) -> Loaded:
    """Return an annotator's state of a document, else the newest of anybody, else an empty one."""
    query = select(
        AnnotationRow.id,
        AnnotationRow.annotator,
        AnnotationRow.status,
        AnnotationRow.revision,
        AnnotationRow.is_current,
    ).where(
        AnnotationRow.document_id == document_id,
        (AnnotationRow.annotator == annotator) | AnnotationRow.is_current,
    )
    rows = session.execute(query).all()
    if not rows:
        return Loaded(State(), None, False)
    row = next((row for row in rows if row.annotator == annotator), rows[0])
    spans = {span.id: span for span in reading.spans(session, [row.id]).get(row.id, [])}
    state = State(row.revision, Status(row.status), spans)
    mine = row.annotator == annotator
    return Loaded(state, row.id if mine else None, mine and row.is_current)


def stacks(
    session: Session, document_id: int, annotator: str, names: Mapping[int, str]
) -> tuple[list[JournalEntry], list[JournalEntry]]:
    """Return the last steps that an annotator can undo and redo on a document.

    ``names`` has the project's labels by id: the inverses come with the names of today.
    """
    query = (
        select(
            JournalRow.id, JournalRow.client, JournalRow.seq, JournalRow.undoes, JournalRow.redoes
        )
        .where(JournalRow.document_id == document_id, JournalRow.annotator == annotator)
        .order_by(JournalRow.id)
    )
    undo, redo = journal.stacks(
        JournalEntry(f"{client}:{seq}", undoes, redoes, row=id)
        for id, client, seq, undoes, redoes in session.execute(query)
    )
    undo, redo = undo[-STEPS:], redo[-STEPS:]
    inverses = _inverses(session, [entry.row for entry in undo + redo], names)
    return _filled(undo, inverses), _filled(redo, inverses)


def as_json(
    state: State, undo: Iterable[JournalEntry], redo: Iterable[JournalEntry]
) -> dict[str, Any]:
    """Return the JSON object that the tagger works on."""
    return {
        "revision": state.revision,
        "status": str(state.status),
        "spans": [_span_json(span) for span in sorted(state.spans.values())],
        "undo": [{"op": entry.op, "inverse": dict(entry.inverse)} for entry in undo],
        "redo": [{"op": entry.op, "inverse": dict(entry.inverse)} for entry in redo],
    }


def _inverses(
    session: Session, rows: list[int], names: Mapping[int, str]
) -> dict[int, dict[str, Any]]:
    found = {}
    for chunk in chunks(rows):
        query = select(JournalRow.id, JournalRow.inverse, JournalRow.label_id)
        for id, inverse, label_id in session.execute(query.where(JournalRow.id.in_(chunk))):
            # A label that was deleted keeps its name here, and the edit is refused with it.
            found[id] = _renamed(inverse, names[label_id]) if label_id in names else inverse
    return found


def _renamed(inverse: dict[str, Any], label: str) -> dict[str, Any]:
    if "span" in inverse:
        return inverse | {"span": inverse["span"] | {"label": label}}
    return inverse | {"label": label}


def _filled(
    entries: list[JournalEntry], inverses: Mapping[int, Mapping[str, Any]]
) -> list[JournalEntry]:
    return [
        JournalEntry(entry.op, entry.undoes, entry.redoes, inverses[entry.row], entry.row)
        for entry in entries
    ]


def _label_of(operation: Mapping[str, Any]) -> str | None:
    return operation.get("label") or operation.get("span", {}).get("label")


def _identical(span: Span, other: Span | None) -> bool:
    """Compare maker and score too, which equality of spans leaves out."""
    if span is other:
        return True
    return span == other and (span.source, span.score) == (other.source, other.score)


def _span_json(span: Span) -> dict[str, Any]:
    return {
        "id": span.id,
        "start": span.start,
        "end": span.end,
        "label": span.label,
        "source": str(span.source),
        "score": span.score,
    }
