"""Bulk insertion of documents inside a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from storage import tasks
from storage.corpus import labels, validation
from storage.engines.clock import now
from storage.engines.queries import CHUNK
from storage.engines.schema import AnnotationRow, DocumentRow, ProjectRow, SpanRow, TokensRow
from storage.errors import InputError
from storage.hashing import text_hash
from storage.types import Document, Label, Source, Span, Status

# So many refused documents are listed, and the rest no longer tried.
MOST_REFUSED = 1_000


class Refusal(NamedTuple):
    """A document that cannot be kept: which of those given, from 0, and why."""

    number: int
    message: str


class Adder:
    """Takes documents one by one and inserts them in chunks, in order."""

    def __init__(self, session: Session, project: ProjectRow, annotator: str):
        self._session = session
        self._project = project
        self._annotator = validation.name(annotator, "annotator")
        self._known: dict[str, Label] = {}
        # The names as they will stand, by what the documents say.
        self._good: dict[str, str] = {}
        # By the name as a document writes it.
        self._labels: dict[str, Label] = {}
        self._chunk: list[tuple[Document, tuple[Span, ...]]] = []
        self._at = now()
        self._count = 0
        self._position = _last_position(session, project.id)

    def add(self, document: Document) -> None:
        """Check a document and queue it; raises InputError."""
        validation.text(document.text, _named(document))
        validation.text(document.second_text or "", _named(document))
        validation.text(document.name + document.group, "A document's name")
        validation.record(document.layout, _named(document))
        spans = tuple(dict.fromkeys(document.spans))
        _check_spans(document, spans, self._project)
        self._check_labels({span.label for span in spans})
        self._chunk.append((document, spans))
        if len(self._chunk) == CHUNK:
            self._flush()

    def add_all(self, documents: Iterable[Document]) -> tuple[Refusal, ...]:
        """Queue the documents that are good and return what is wrong with the others."""
        refused: list[Refusal] = []
        for number, document in enumerate(documents):
            try:
                self.add(document)
            except InputError as error:
                refused.append(Refusal(number, str(error)))
                if len(refused) == MOST_REFUSED:
                    break
        return tuple(refused)

    def finish(self) -> int:
        """Insert what is queued and return how many documents there were in all."""
        self._flush()
        return self._count

    def _check_labels(self, names: set[str]) -> None:
        for name in names - self._good.keys():
            self._good[name] = validation.label_name(name)

    def _learn(self, names: Iterable[str]) -> None:
        """Make the labels that are new, of many documents at a time."""
        new = {name: self._good[name] for name in names if name not in self._labels}
        if new:
            self._known = labels.ensure(self._session, self._project.id, new.values(), self._known)
            self._labels |= {name: self._known[clean] for name, clean in new.items()}

    def _flush(self) -> None:
        chunk, self._chunk = self._chunk, []
        if not chunk:
            return
        self._learn(dict.fromkeys(span.label for _, spans in chunk for span in spans))
        ids = self._insert(DocumentRow, [self._document(document) for document, _ in chunk])
        tokens = [
            {"document_id": id, "boundaries": [edge for token in document.tokens for edge in token]}
            for id, (document, _) in zip(ids, chunk, strict=True)
        ]
        self._session.execute(insert(TokensRow), tokens)
        self._annotate(list(zip(ids, chunk, strict=True)))
        self._count += len(chunk)

    def _annotate(self, rows: list[tuple[int, tuple[Document, tuple[Span, ...]]]]) -> None:
        touched = [
            (id, document, spans)
            for id, (document, spans) in rows
            if spans or document.status != Status.UNTOUCHED
        ]
        if not touched:
            return
        annotations = [self._annotation(id, document) for id, document, _ in touched]
        ids = self._insert(AnnotationRow, annotations)
        spans = [
            row
            for id, (_, _, spans) in zip(ids, touched, strict=True)
            for row in self._spans(id, spans)
        ]
        if spans:
            self._session.execute(insert(SpanRow), spans)

    def _insert(
        self, table: type[DocumentRow] | type[AnnotationRow], rows: list[dict[str, Any]]
    ) -> list[int]:
        statement = insert(table).returning(table.id, sort_by_parameter_order=True)
        return list(self._session.scalars(statement, rows))

    def _document(self, document: Document) -> dict[str, Any]:
        self._position += 1
        second = document.second_text
        return {
            "project_id": self._project.id,
            "position": self._position,
            "name": document.name,
            "split": document.split,
            "group": document.group,
            "text_hash": text_hash(document.text),
            "imported_at": self._at,
            "layout": dict(document.layout),
            "text": document.text,
            "second_text": document.second_text,
            "second_hash": None if second is None else text_hash(second),
            "date": document.date,
        }

    def _annotation(self, document_id: int, document: Document) -> dict[str, Any]:
        return {
            "document_id": document_id,
            "annotator": self._annotator,
            "status": document.status,
            "revision": 0,
            "is_current": True,
            "updated_at": self._at,
        }

    def _spans(self, annotation_id: int, spans: tuple[Span, ...]) -> list[dict[str, Any]]:
        return [
            {
                "annotation_id": annotation_id,
                "uid": f"i{number}",
                "start": span.start,
                "end": span.end,
                "label_id": self._labels[span.label].id,
                # What a person made elsewhere came by the import.
                "source": Source.IMPORT if span.source == Source.PERSON else span.source,
                "score": span.score,
            }
            for number, span in enumerate(sorted(spans), start=1)
        ]


def _last_position(session: Session, project_id: int) -> int:
    last = select(func.max(DocumentRow.position)).where(DocumentRow.project_id == project_id)
    return session.scalar(last) or 0


def _check_spans(document: Document, spans: tuple[Span, ...], project: ProjectRow) -> None:
    if tasks.marks_whole(project.task):
        _check_whole(document, spans, project.allow_overlaps)
        return
    last = 0
    for span in sorted(spans):
        if not 0 <= span.start < span.end <= len(document.text):
            raise InputError(
                f"{_named(document)} has a span from {span.start} to {span.end} "
                f"but {len(document.text)} characters: mend the file."
            )
        if span.start < last and not project.allow_overlaps:
            raise InputError(
                f"{_named(document)} has overlapping spans at character {span.start}: "
                "allow overlaps in the project's settings."
            )
        last = max(last, span.end)


def _check_whole(document: Document, spans: tuple[Span, ...], allow_several: bool) -> None:
    if not all(span.whole for span in spans):
        raise InputError(
            f"{_named(document)} has a label on a part of it, and this project labels whole "
            "documents: import it into a project of spans."
        )
    if len(spans) > 1 and not allow_several:
        raise InputError(
            f"{_named(document)} has {len(spans)} labels, and a document of this project has one: "
            "make another project, for several labels."
        )


def _named(document: Document) -> str:
    return f"The document {document.name or document.text[:30]!a}"
