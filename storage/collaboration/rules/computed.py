"""The annotation that is computed of several people's, and belongs to nobody: kept as it should be.

It changes in the transaction that changes one of those that it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from storage.collaboration.rules.policies import MERGED, Mark
from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, ConfirmationRow, RejectionRow, SpanRow
from storage.knowledge.versions.said import FIRST
from storage.types import Merged, Status

Kept = tuple[str, float | None]
"""What is kept of a mark beside its place and label: source and score."""
Held = Mapping[int, Mapping[Mark, Kept]]
"""The marks of annotations, by the annotation's id."""
Judgement = type[RejectionRow] | type[ConfirmationRow]


def store(
    session: Session,
    rows: Mapping[int, Sequence[Any]],
    merged: Mapping[int, Sequence[Mark]],
    held: Held,
) -> None:
    """Let the computed annotations of at most a chunk of documents hold these marks.

    ``rows`` has all annotations of each document, ``held`` what they hold of those that count.
    """
    ids = _annotations(session, rows, merged)
    gone: list[tuple[int, Mark]] = []
    new: list[dict[str, Any]] = []
    for document, marks in merged.items():
        before, after = held.get(ids[document], {}), set(marks)
        gone += [(ids[document], mark) for mark in before if mark not in after]
        if fresh := [mark for mark in marks if mark not in before]:
            kept = _first(rows[document], held)
            new += [_span_row(ids[document], mark, kept[mark]) for mark in fresh]
    for id, (start, end, label) in gone:
        place = (SpanRow.start == start) & (SpanRow.end == end) & (SpanRow.label_id == label)
        session.execute(delete(SpanRow).where(SpanRow.annotation_id == id, place))
    if new:
        session.execute(insert(SpanRow), new)
    people = {ids[document]: _people(rows[document]) for document in merged}
    for table in (RejectionRow, ConfirmationRow):
        _judge(session, table, people)


def _annotations(
    session: Session, rows: Mapping[int, Sequence[Any]], documents: Mapping[int, Any]
) -> dict[int, int]:
    """Return the computed annotation of each document, marked as gold; made where there is none."""
    found, marked = {}, []
    for document in documents:
        for row in rows[document]:
            if row.annotator == Merged.MAJORITY:
                found[document] = row.id
            elif row.is_current:
                marked.append(row.id)
    for chunk in chunks(marked):
        where = AnnotationRow.id.in_(chunk)
        session.execute(update(AnnotationRow).where(where).values(is_current=False))
    at = now()
    if found:
        old = [{"id": id, **_values(rows[document], at)} for document, id in found.items()]
        session.execute(update(AnnotationRow), old)
    new = [
        {"document_id": each, "annotator": str(Merged.MAJORITY), **_values(rows[each], at)}
        for each in documents
        if each not in found
    ]
    if new:
        added = insert(AnnotationRow).returning(AnnotationRow.id, sort_by_parameter_order=True)
        ids = session.scalars(added, new).all()
        found |= {row["document_id"]: id for row, id in zip(new, ids, strict=True)}
    return found


def _values(own: Sequence[Any], at: str) -> dict[str, Any]:
    people = [row for row in own if row.annotator not in MERGED]
    return {
        "status": str(Status.DONE),
        "revision": sum(row.revision for row in people),
        "is_current": True,
        "flagged": any(row.flagged for row in people),
        "comment": "\n".join(dict.fromkeys(row.comment for row in people if row.comment)),
        # As old as the oldest that it is made of: all of them are to have followed the newest.
        "guideline": min((row.guideline or FIRST for row in people), default=FIRST),
        "updated_at": at,
    }


def _people(own: Sequence[Any]) -> list[int]:
    return [row.id for row in own if row.annotator not in MERGED]


def _first(own: Sequence[Any], held: Held) -> dict[Mark, Kept]:
    """Return what is kept of each mark: of who gave it first."""
    found: dict[Mark, Kept] = {}
    for id in _people(own):
        found = {**held.get(id, {}), **found}
    return found


def _span_row(annotation: int, mark: Mark, kept: Kept) -> dict[str, Any]:
    start, end, label = mark
    return {
        **{"annotation_id": annotation, "uid": f"m{start}-{end}-{label}", "start": start},
        **{"end": end, "label_id": label, "source": kept[0], "score": kept[1]},
    }


def _judge(session: Session, table: Judgement, people: Mapping[int, Sequence[int]]) -> None:
    """Let the computed annotations hold what anybody turned down, or found right."""
    among = [*people, *(id for own in people.values() for id in own)]
    found: dict[int, set[Mark]] = {}
    for annotation, *place in _judged(session, table, among):
        found.setdefault(annotation, set()).add((place[0], place[1], place[2]))
    rows = []
    for id, own in people.items():
        before: set[Mark] = found.get(id, set())
        after = {place for each in own for place in found.get(each, ())}
        if before - after:
            session.execute(delete(table).where(table.annotation_id == id))
            before = set()
        rows += [
            {"annotation_id": id, "start": start, "end": end, "label_id": label}
            for start, end, label in sorted(after - before)
        ]
    if rows:
        session.execute(insert(table), rows)


def _judged(session: Session, table: Judgement, annotations: Sequence[int]) -> Iterator[Any]:
    columns = table.annotation_id, table.start, table.end, table.label_id
    for chunk in chunks(annotations):
        yield from session.execute(select(*columns).where(table.annotation_id.in_(chunk)))
