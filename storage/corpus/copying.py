"""Staged documents copied into a file by the database itself, without a way through Python.

The stage and the project's tables are in one connection (see `Database.write`). What
`storage.corpus.adding` does row by row, for a server and for a few documents, is here a statement
for some thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.corpus import answers, labels, validation
from storage.corpus.adding import Progress, last_position
from storage.corpus.staging import Stage
from storage.engines.clock import now
from storage.engines.queries import CHUNK, reserve_ids
from storage.engines.schema import AnnotationRow, DocumentRow, ProjectRow

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


def load(
    session: Session,
    project: ProjectRow,
    stage: Stage,
    annotator: str,
    progress: Progress | None = None,
) -> None:
    """Insert the staged documents with their annotations, in order; makes missing labels."""
    clean = [validation.label_name(name) for name in stage.labels]
    known = labels.ensure(session, project.id, clean)
    ids = [known[name].id for name in clean]
    values: dict[str, Any] = {
        **{"project": project.id, "annotator": validation.name(annotator, "annotator")},
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
    _add_answers(session, stage, ids, values)


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
    session: Session, stage: Stage, ids: list[int | None], values: Mapping[str, Any]
) -> None:
    before = values["before"]
    for place in _ranges(stage.documents if stage.has_answers else 0):
        said = ((before + n, *answer) for n, *answer in stage.answers(*place))
        answers.add(session, said, ids, values["annotator"], values["at"])


def _ranges(count: int) -> Iterator[tuple[int, int]]:
    return ((at + 1, min(at + AT_ONCE, count)) for at in range(0, count, AT_ONCE))
