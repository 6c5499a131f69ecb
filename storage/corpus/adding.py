"""Bulk insertion of staged documents inside a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.collaboration.rules import imported
from storage.corpus import answers, labels, validation
from storage.corpus.staging import Stage, staged
from storage.engines.clock import now
from storage.engines.queries import CHUNK, bulk_insert, reserve_ids, uncollected
from storage.engines.schema import AnnotationRow, DocumentRow, ProjectRow, SpanRow, TokensRow
from storage.types import Document

Progress = Callable[[int], None]
"""Is told how many documents are in by now; what it raises ends the transaction."""

_DOCUMENT = (
    *("id", "project_id", "position", "name", "split", "group_name", "text_hash", "second_hash"),
    *("layout", "text", "second_text", "date", "imported_at"),
)
_ANNOTATION = (
    *("id", "document_id", "annotator", "status", "revision", "is_current", "updated_at"),
)
_SPAN = ("annotation_id", "uid", "start", "end", "source", "score", "label_id")

# So many documents, or spans, are copied between two words of how far it is.
AT_ONCE = 4 * CHUNK
_DOCUMENTS = """
    INSERT INTO documents (
        id, project_id, position, name, split, group_name, text_hash, second_hash, layout, text,
        second_text, date, imported_at)
    SELECT n + :before, :project, n + :position, name, split, group_name, text_hash, second_hash,
        layout, text, second_text, date, :at
    FROM staged WHERE n BETWEEN :first AND :last ORDER BY n
"""
_TOKENS = """
    INSERT INTO token_boundaries (document_id, boundaries)
    SELECT n + :before, boundaries FROM staged WHERE n BETWEEN :first AND :last ORDER BY n
"""
_ANNOTATIONS = """
    INSERT INTO annotations (
        id, document_id, annotator, status, revision, is_current, updated_at)
    SELECT annotation + :owners, n + :before, :annotator, status, 0, 1, :at
    FROM staged WHERE n BETWEEN :first AND :last AND annotation IS NOT NULL ORDER BY n
"""
_SPANS = """
    INSERT INTO spans (annotation_id, uid, start, "end", source, score, label_id)
    SELECT annotation + :owners, uid, start, "end", source, score, staged_labels.id
    FROM staged_spans JOIN staged_labels ON number = label
    WHERE staged_spans.rowid BETWEEN :first AND :last ORDER BY staged_spans.rowid
"""


def add(
    session: Session, project: ProjectRow, documents: Iterable[Document], annotator: str
) -> int:
    """Check documents and insert them; return how many. Raises InputError."""
    stage = staged(documents, project.task, project.allow_overlaps)
    try:
        load(session, project, stage, annotator)
        return stage.documents
    finally:
        stage.close()


def load(
    session: Session,
    project: ProjectRow,
    stage: Stage,
    annotator: str,
    progress: Progress | None = None,
) -> None:
    """Insert the staged documents with their annotations, in order; makes missing labels."""
    _note(session, project, stage, annotator)
    _Loader(session, project, stage, annotator).load(progress)


def copy(
    session: Session,
    project: ProjectRow,
    stage: Stage,
    annotator: str,
    progress: Progress | None = None,
) -> None:
    """Do what ``load`` does by statements for some thousand documents, with no way through Python.

    The stage's tables and the project's are in one connection, of a file (see `Database.write`).
    """
    _note(session, project, stage, annotator)
    clean = [validation.label_name(name) for name in stage.labels]
    known = labels.ensure(session, project.id, clean)
    ids = [known[name].id for name in clean]
    values: dict[str, Any] = {
        **{"project": project.id, "annotator": validation.person(annotator)},
        **{"at": now(), "position": last_position(session, project.id)},
        "before": reserve_ids(session, DocumentRow, 1)[0] - 1,
        "owners": reserve_ids(session, AnnotationRow, 1)[0] - 1,
    }
    for first, last in _ranges(stage.documents):
        for statement in (_DOCUMENTS, _TOKENS, _ANNOTATIONS):
            session.execute(text(statement), {**values, "first": first, "last": last})
        if progress:
            progress(last)
    _copy_spans(session, stage, ids, values, progress)
    _add_answers(session, project, stage, ids, values)


def _note(session: Session, project: ProjectRow, stage: Stage, annotator: str) -> None:
    if stage.has_nobodys():
        imported.note(session, project.id, validation.person(annotator))


def _copy_spans(
    session: Session,
    stage: Stage,
    ids: list[int | None],
    values: Mapping[str, Any],
    progress: Progress | None,
) -> None:
    session.execute(text("CREATE TEMP TABLE staged_labels (number INTEGER PRIMARY KEY, id INT)"))
    for number, id in enumerate(ids):
        row = {"number": number, "id": id}
        session.execute(text("INSERT INTO staged_labels VALUES (:number, :id)"), row)
    count = session.scalar(text("SELECT max(rowid) FROM staged_spans")) or 0
    for first, last in _ranges(count):
        session.execute(text(_SPANS), {**values, "first": first, "last": last})
        if progress:
            progress(stage.documents)
    session.execute(text("DROP TABLE staged_labels"))


def _add_answers(
    session: Session,
    project: ProjectRow,
    stage: Stage,
    ids: list[int | None],
    values: Mapping[str, Any],
) -> None:
    before = values["before"]
    for place in _ranges(stage.documents if stage.has_answers else 0):
        said = ((before + n, *answer) for n, *answer in stage.answers(*place))
        answers.add(session, project, said, ids, values["annotator"], values["at"])


def _ranges(count: int) -> Iterator[tuple[int, int]]:
    return ((at + 1, min(at + AT_ONCE, count)) for at in range(0, count, AT_ONCE))


class _Loader:
    def __init__(self, session: Session, project: ProjectRow, stage: Stage, annotator: str):
        self._session = session
        self._project = project
        self._stage = stage
        self._annotator = validation.person(annotator)
        self._at = now()
        self._position = last_position(session, project.id)
        clean = [validation.label_name(name) for name in stage.labels]
        known = labels.ensure(session, project.id, clean)
        self._labels = [known[name].id for name in clean]
        self._spans = stage.spans()

    def load(self, progress: Progress | None) -> None:
        with uncollected():
            self._load(progress)

    def _load(self, progress: Progress | None) -> None:
        done = 0
        for rows in self._stage.rows():
            ids = reserve_ids(self._session, DocumentRow, len(rows))
            self._insert_documents(ids, rows)
            self._annotate([(id, row[13], row[14]) for id, row in zip(ids, rows, strict=True)])
            if self._stage.has_answers:
                numbers = dict(zip((row[0] for row in rows), ids, strict=True))
                said = self._stage.answers(rows[0][0], rows[-1][0])
                found = ((numbers[n], *answer) for n, *answer in said)
                owner = self._annotator, self._at
                answers.add(self._session, self._project, found, self._labels, *owner)
            done += len(rows)
            if progress:
                progress(done)

    def _insert_documents(self, ids: Sequence[int], rows: Sequence[Sequence[Any]]) -> None:
        project, start = self._project.id, self._position + 1
        documents = [
            (id, project, position, *row[3:12], self._at)
            for position, (id, row) in enumerate(zip(ids, rows, strict=True), start)
        ]
        self._position += len(rows)
        bulk_insert(self._session, DocumentRow, _DOCUMENT, documents)
        tokens = [(id, row[12]) for id, row in zip(ids, rows, strict=True)]
        bulk_insert(self._session, TokensRow, ("document_id", "boundaries"), tokens)

    def _annotate(self, documents: Sequence[tuple[int, str, int | None]]) -> None:
        touched = [(id, status, at) for id, status, at in documents if at is not None]
        if not touched:
            return
        ids = reserve_ids(self._session, AnnotationRow, len(touched))
        annotations = [
            (id, document, self._annotator, status, 0, True, self._at)
            for id, (document, status, _) in zip(ids, touched, strict=True)
        ]
        bulk_insert(self._session, AnnotationRow, _ANNOTATION, annotations)
        first, last = touched[0][2], touched[-1][2]
        spans = [
            (ids[at - first], uid, start, end, source, score, self._labels[label])
            for at, uid, start, end, label, source, score in self._spans(last)
        ]
        bulk_insert(self._session, SpanRow, _SPAN, spans)


def last_position(session: Session, project_id: int) -> int:
    """Return the place of a project's last document, 0 where there is none."""
    last = select(func.max(DocumentRow.position)).where(DocumentRow.project_id == project_id)
    return session.scalar(last) or 0
