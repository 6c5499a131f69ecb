"""Changes of the labels that touch spans: each told beforehand, done in one step, reversible."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from storage.actions import actions, project_changes
from storage.actions.actions import Action
from storage.actions.document_edits import ConditionalEdit, DocumentEdits
from storage.corpus import labels
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import ActionRow, AnnotationRow, DocumentRow, LabelRow, SpanRow
from storage.errors import InputError, NotFoundError
from storage.journal import loading
from storage.journal.steps import Owner
from storage.permissions import Ability, needs
from storage.types import Merged, Span


@dataclass(frozen=True, slots=True)
class Touch:
    """How much a change would touch, everybody's work counted."""

    spans: int
    documents: int


def touch(db: Database, label_id: int, quotes: Collection[str] | None = None) -> Touch:
    """Count a label's spans and the documents that they are in; only of texts in ``quotes``."""
    with db.read() as session:
        if quotes is None:
            counted = _spans_of(label_id).with_only_columns(
                func.count(), func.count(AnnotationRow.document_id.distinct())
            )
            return Touch(*session.execute(counted.order_by(None)).one())
        found = [
            document
            for chunk in chunks(quotes)
            for document, _, _ in session.execute(_spans_of(label_id).where(_quote().in_(chunk)))
        ]
    return Touch(len(found), len(set(found)))


def quotes(db: Database, label_id: int) -> list[tuple[str, int]]:
    """Return the texts that bear a label with how often each does, the most frequent first."""
    with db.read() as session:
        text, count = _quote(), func.count()
        query = _spans_of(label_id).with_only_columns(text, count).order_by(None)
        return list(session.execute(query.group_by(text).order_by(count.desc(), text)))


def later_names(db: Database, project_id: int) -> dict[str, str]:
    """Return what labels are called now, by the names that they had before and none has now.

    So what was written down of a label is found under its name of now.
    """
    query = (
        select(ActionRow.detail).where(ActionRow.project_id == project_id).order_by(ActionRow.id)
    )
    with db.read() as session:
        now = labels.names(session, project_id)
        called = {
            pair["name"][0]: now[int(id)]
            for detail in session.scalars(query)
            for id, pair in detail.get("labels", {}).items()
            if "name" in pair and int(id) in now
        }
    return {before: name for before, name in called.items() if before not in now.values()}


@needs(Ability.MANAGE)
def rename_label(db: Database, label_id: int, name: str, annotator: str) -> Action:
    """Give a label another name; its spans follow. Raises InputError, NotFoundError."""
    with db.write() as session:
        row = _required(session, label_id)
        before = row.name
        label = next(
            each for each in labels.of_project(session, row.project_id) if each.id == row.id
        )
        changed = labels.change(session, replace(label, name=name))
        detail = _label_detail(row, name=[before, changed.name])
        owner = Owner(row.project_id, annotator)
        title = f"{before} renamed to {changed.name}"
        return actions.perform(session, owner, "rename", title, (), detail=detail)


@needs(Ability.MANAGE)
def delete_label(db: Database, label_id: int, annotator: str) -> Action:
    """Delete a label with its spans; raises NotFoundError."""
    with db.write() as session:
        row = _required(session, label_id)
        found = list(_targets(session, _spans_of(row.id), lambda uid: (_removal(uid),)))
        action = actions.perform(
            session,
            Owner(row.project_id, annotator),
            "delete",
            f"Label {row.name} deleted",
            found,
            detail=_existence(row, False, True),
        )
        row.is_deleted = True
        return action


@needs(Ability.MANAGE)
def merge_labels(db: Database, source_id: int, target_id: int, annotator: str) -> Action:
    """Give a label's spans another label and delete it; raises InputError, NotFoundError.

    Where the same characters bear both, one span remains.
    """
    with db.write() as session:
        source, target = _required(session, source_id), _required(session, target_id)
        if source.id == target.id or source.project_id != target.project_id:
            raise InputError("A label is merged into another one of its project: choose one.")

        def forms(uid: str) -> tuple[dict[str, Any], ...]:
            return {"kind": "relabel", "id": uid, "label": target.name}, _removal(uid)

        found = list(_targets(session, _spans_of(source.id), forms))
        action = actions.perform(
            session,
            Owner(source.project_id, annotator),
            "merge",
            f"{source.name} merged into {target.name}",
            found,
            detail=_existence(source, False, True, into=[None, target.id]),
        )
        source.is_deleted, source.merged_into = True, target.id
        return action


@needs(Ability.MANAGE)
def split_label(
    db: Database, label_id: int, new_name: str, quotes: Collection[str], annotator: str
) -> Action:
    """Give those of a label's spans whose text is one of ``quotes`` another label.

    The label is made where the project has none so called. Raises InputError, NotFoundError.
    """
    with db.write() as session:
        row = _required(session, label_id)
        there = {label.name for label in labels.of_project(session, row.project_id)}
        name = new_name.strip()
        if name == row.name or not quotes:
            raise InputError("Splitting needs another name and at least one text: choose them.")
        made = labels.ensure(session, row.project_id, [name])[name]
        found = [
            target
            for chunk in chunks(quotes)
            for target in _targets(
                session,
                _spans_of(row.id).where(_quote().in_(chunk)),
                lambda uid: ({"kind": "relabel", "id": uid, "label": name},),
            )
        ]
        fresh = session.get_one(LabelRow, made.id)
        detail = {} if name in there else _existence(fresh, True, False)
        title = f"{row.name} split: {name} taken out"
        owner = Owner(row.project_id, annotator)
        return actions.perform(session, owner, "split", title, _joined(found), detail=detail)


@needs(Ability.MANAGE)
def move_label(db: Database, label_id: int, position: int) -> None:
    """Put a label at a place among its project's labels, counted from 0; raises NotFoundError."""
    with db.write() as session:
        row = _required(session, label_id)
        ids = [label.id for label in labels.of_project(session, row.project_id)]
        ids.remove(row.id)
        ids.insert(max(0, position), row.id)
        for place, id in enumerate(ids, start=1):
            session.get_one(LabelRow, id).position = place


def overlap_touch(db: Database, project_id: int) -> Touch:
    """Count the spans that would go if overlaps were forbidden, and their documents."""
    with db.read() as session:
        required(session, project_id)
        found = list(_surplus(session, project_id))
    spans = sum(len(target.edits) for target in found)
    return Touch(spans, len({target.document for target in found}))


@needs(Ability.MANAGE)
def set_overlaps(db: Database, project_id: int, allow: bool, annotator: str) -> Action:
    """Say whether spans may overlap. Where they may not, of those that do the longest stays."""
    with db.write() as session:
        row = required(session, project_id, turn=True)
        found = [] if allow else list(_surplus(session, project_id))
        action = actions.perform(
            session,
            Owner(project_id, annotator),
            "overlaps",
            "Overlapping spans allowed" if allow else "Overlapping spans forbidden",
            found,
            detail={"overlaps": [row.allow_overlaps, allow]},
        )
        row.allow_overlaps = allow
        return action


def _required(session: Session, label_id: int) -> LabelRow:
    """Return a label's row as it is once this is its project's turn."""
    row = session.get(LabelRow, label_id)
    if row is not None:
        required(session, row.project_id, turn=True)
        session.refresh(row)
    if row is None or row.is_deleted:
        raise NotFoundError("This label is not there any more: reload the page.")
    return row


def _spans_of(label_id: int) -> Select:
    return (
        select(AnnotationRow.document_id, AnnotationRow.annotator, SpanRow.uid)
        .select_from(SpanRow)
        .join(AnnotationRow, AnnotationRow.id == SpanRow.annotation_id)
        .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
        .where(SpanRow.label_id == label_id, AnnotationRow.annotator != Merged.MAJORITY)
        .order_by(AnnotationRow.document_id, AnnotationRow.annotator, SpanRow.start)
    )


def _quote() -> ColumnElement[str]:
    # The 1 is spelled out: two parameters would be two expressions to PostgreSQL's GROUP BY.
    first = SpanRow.start + literal_column("1")
    part = func.substr(DocumentRow.text, first, SpanRow.end - SpanRow.start)
    # A mark of the whole document says all of it.
    return case((SpanRow.end == literal_column("0"), DocumentRow.text), else_=part)


def _targets(session: Session, query: Select, forms: Any) -> Iterator[DocumentEdits]:
    found: dict[tuple[int, str], list[ConditionalEdit]] = {}
    for document, annotator, uid in session.execute(query):
        found.setdefault((document, annotator), []).append(ConditionalEdit(forms(uid)))
    for (document, annotator), edits in found.items():
        yield DocumentEdits(document, annotator, edits)


def _joined(targets: list[DocumentEdits]) -> list[DocumentEdits]:
    """Join what several queries found in one document."""
    found: dict[tuple[int, str], list[ConditionalEdit]] = {}
    for target in targets:
        found.setdefault((target.document, target.annotator), []).extend(target.edits)
    return [
        DocumentEdits(document, annotator, edits) for (document, annotator), edits in found.items()
    ]


def _removal(uid: str) -> dict[str, Any]:
    return {"kind": "remove", "id": uid}


def _label_detail(row: LabelRow, **fields: list[Any]) -> dict[str, Any]:
    return {"labels": {str(row.id): fields}}


def _existence(row: LabelRow, *is_deleted: bool, **more: list[Any]) -> dict[str, Any]:
    called = [row.name, row.name]
    return _label_detail(row, is_deleted=list(is_deleted), called=called, **more)


def _surplus(session: Session, project_id: int) -> Iterator[DocumentEdits]:
    """Yield the spans that stand in the way of longer ones, or of earlier ones as long."""
    query = project_changes.overlapping(project_id).distinct()
    for chunk in chunks(session.scalars(query).all()):
        columns = AnnotationRow.document_id, AnnotationRow.annotator
        pairs = session.execute(select(*columns).where(AnnotationRow.id.in_(chunk))).all()
        for (document, annotator), loaded in loading.load_many(session, pairs).items():
            kept: list[Span] = []
            edits = []
            for span in sorted(loaded.state.spans.values(), key=_by_length):
                if any(span.start < other.end and other.start < span.end for other in kept):
                    edits.append(ConditionalEdit((_removal(span.id),)))
                else:
                    kept.append(span)
            yield DocumentEdits(document, annotator, edits)


def _by_length(span: Span) -> tuple[int, int]:
    return span.start - span.end, span.start
