"""What several annotators said of one document: brought by an import, and told to an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from storage.collaboration.rules import gold
from storage.collaboration.rules.policies import MERGED
from storage.corpus import reading
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, ProjectRow, RejectionRow, SpanRow
from storage.types import Answer, Document, Merged, Status

Named = tuple[int, str, str | None, list[list[Any]]]
"""A document's id, an annotator, a status with the spans as (start, end, label, source, score),
or no status where only the name of the one who gave the document's own spans is told."""


def add(
    session: Session,
    project: ProjectRow,
    found: Iterable[Named],
    labels: Sequence[int | None],
    importer: str,
    at: str,
) -> None:
    """Name who gave the current spans of documents, and add what others said before.

    What a file says was decided between them is a decision here. Which of them counts is then the
    project's policy. ``labels`` are ids, by the numbers that spans have for them.
    """
    owners: dict[int, str] = {}
    documents: list[int] = []
    for id, annotator, status, spans in found:
        documents.append(id)
        if status is None:
            owners[id] = annotator
            continue
        if annotator == owners.get(id, importer):
            annotator = f"{annotator[:180]} (file)"
        row = {
            **{"document_id": id, "annotator": annotator, "status": status},
            **{"revision": 0, "is_current": False, "updated_at": at},
        }
        annotation = session.scalar(insert(AnnotationRow).values(row).returning(AnnotationRow.id))
        rows = [
            {
                **{"annotation_id": annotation, "uid": f"i{n}", "start": start, "end": end},
                **{"label_id": labels[label], "source": source, "score": score},
            }
            for n, (start, end, label, source, score) in enumerate(spans, 1)
        ]
        if rows:
            session.execute(insert(SpanRow), rows)
    if owners:
        current = (AnnotationRow.document_id == bindparam("document")) & AnnotationRow.is_current
        named = update(AnnotationRow).where(current).values(annotator=bindparam("name"))
        rows = [{"document": id, "name": name} for id, name in owners.items()]
        session.connection().execute(named, rows)
        decided = [id for id, name in owners.items() if name == Merged.ADJUDICATED]
        for chunk in chunks(decided):
            _turn_down(session, chunk)
    policy = gold.of(project)
    if not policy.is_newest:
        gold.settle(session, policy, documents)


def _turn_down(session: Session, documents: Sequence[int]) -> None:
    """Let decisions turn down what people gave and they do not hold: so each place is settled."""
    decision, version, own = aliased(AnnotationRow), aliased(AnnotationRow), aliased(SpanRow)
    place = SpanRow.start, SpanRow.end, SpanRow.label_id
    stands = exists().where(
        own.annotation_id == decision.id,
        own.start == SpanRow.start,
        own.end == SpanRow.end,
        own.label_id == SpanRow.label_id,
    )
    turned_down = (
        select(decision.id, *place)
        .join(version, version.document_id == decision.document_id)
        .join(SpanRow, SpanRow.annotation_id == version.id)
        .where(decision.document_id.in_(documents), decision.annotator == Merged.ADJUDICATED)
        .where(version.annotator.not_in(MERGED), version.status == Status.DONE, ~stands)
        .distinct()
    )
    columns = ("annotation_id", "start", "end", "label_id")
    session.execute(insert(RejectionRow).from_select(columns, turned_down))


def beside(session: Session, documents: Iterable[Document]) -> Iterator[Document]:
    """Yield documents with who gave their spans, and with what others said of them."""
    for chunk in chunks(documents):
        found = _of(session, [document.id for document in chunk])
        for document in chunk:
            name, others = found.get(document.id or 0, ("", ()))
            yield replace(document, annotator=name, others=tuple(others))


def _of(session: Session, ids: Sequence[int | None]) -> dict[int, tuple[str, list[Answer]]]:
    query = select(
        AnnotationRow.id,
        AnnotationRow.document_id,
        AnnotationRow.annotator,
        AnnotationRow.status,
        AnnotationRow.is_current,
    ).where(AnnotationRow.document_id.in_(ids))
    rows = session.execute(query.order_by(AnnotationRow.id)).all()
    spans = reading.spans(session, [row.id for row in rows if not row.is_current])
    found: dict[int, tuple[str, list[Answer]]] = {}
    for row in rows:
        name, others = found.get(row.document_id, ("", []))
        if row.is_current:
            # A majority is nobody's: whoever takes it in gives it their name.
            name = "" if row.annotator == Merged.MAJORITY else row.annotator
        elif row.annotator not in MERGED:
            marks = tuple(spans.get(row.id, ()))
            others.append(Answer(row.annotator, marks, Status(row.status)))
        found[row.document_id] = name, others
    return found
