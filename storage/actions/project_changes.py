"""What an action changes besides annotations: labels, the rule about overlaps, splits.

An action's detail is ``{"labels": {id: {field: [before, after]}}, "overlaps": [before,
after], "splits": [[before, after, ids], …]}``, with each part only where it changes.
A label that goes or comes is ``called`` the same before and after; one that is merged goes ``into``
another one, by its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased

from storage.corpus.projects import mark_splits
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow, LabelRow, ProjectRow, SpanRow
from storage.errors import RefusedError
from storage.types import Merged

Detail = Mapping[str, Any]


def mirrored(detail: Detail) -> dict[str, Any]:
    """Return the detail of the action that takes this one back."""
    turned: dict[str, Any] = {}
    if "labels" in detail:
        turned["labels"] = {
            id: {field: pair[::-1] for field, pair in fields.items()}
            for id, fields in detail["labels"].items()
        }
    if "overlaps" in detail:
        turned["overlaps"] = detail["overlaps"][::-1]
    if "splits" in detail:
        turned["splits"] = [[after, before, ids] for before, after, ids in detail["splits"]]
    return turned


def loosen(session: Session, project_id: int, detail: Detail) -> None:
    """Make the changes that let more in: labels that come back, names, overlaps allowed."""
    for id, fields in detail.get("labels", {}).items():
        row = session.get_one(LabelRow, int(id))
        if "name" in fields and row.name == fields["name"][0]:
            _rename(session, row, fields["name"][1])
        if fields.get("is_deleted") == [True, False]:
            # A deleted label may have given its name up to another one.
            _rename(session, row, fields["called"][1])
            row.is_deleted, row.merged_into = False, None
            _free_key(session, row)
    if detail.get("overlaps") == [False, True]:
        session.get_one(ProjectRow, project_id).allow_overlaps = True
    for before, after, ids in detail.get("splits", ()):
        _move(session, project_id, ids, before, after)
    session.flush()


def tighten(session: Session, project_id: int, detail: Detail) -> None:
    """Make the changes that let less in, where nothing stands against them.

    A label that has spans stays. Raises RefusedError where spans overlap that then may not.
    """
    for id, fields in detail.get("labels", {}).items():
        row = session.get_one(LabelRow, int(id))
        used = select(SpanRow.id).where(SpanRow.label_id == row.id).limit(1)
        if fields.get("is_deleted") == [False, True] and session.scalar(used) is None:
            row.is_deleted, row.merged_into = True, fields.get("into", (None, None))[1]
    if detail.get("overlaps") == [True, False]:
        if count := count_overlapping(session, project_id):
            holders = "1 document holds" if count == 1 else f"{count:,} documents hold"
            raise RefusedError(
                f"{holders} overlapping spans: forbid overlaps in the project's "
                "settings, which removes the shorter ones."
            )
        session.get_one(ProjectRow, project_id).allow_overlaps = False
    session.flush()


def count_overlapping(session: Session, project_id: int) -> int:
    """Return how many documents hold spans that overlap."""
    query = overlapping(project_id).with_only_columns(
        func.count(AnnotationRow.document_id.distinct())
    )
    return session.scalars(query).one()


def overlapping(project_id: int) -> Select[int]:
    """Select the annotations of a project that hold spans that overlap."""
    other = aliased(SpanRow)
    overlap = (
        (other.annotation_id == SpanRow.annotation_id)
        & (other.id != SpanRow.id)
        & (other.start < SpanRow.end)
        & (SpanRow.start < other.end)
    )
    return (
        select(AnnotationRow.id)
        .select_from(SpanRow)
        .join(other, overlap)
        .join(AnnotationRow, AnnotationRow.id == SpanRow.annotation_id)
        .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
        .where(DocumentRow.project_id == project_id)
        # What is computed of others overlaps where they do.
        .where(AnnotationRow.annotator != Merged.MAJORITY)
    )


def _move(
    session: Session, project_id: int, ids: list[int], before: str | None, after: str | None
) -> None:
    """Give documents another split; those that have moved elsewhere since stay there."""
    for chunk in chunks(ids):
        own = DocumentRow.project_id == project_id, DocumentRow.id.in_(chunk)
        known = DocumentRow.split.is_(None) if before is None else DocumentRow.split == before
        session.execute(update(DocumentRow).where(*own, known).values(split=after))
    mark_splits(session, project_id)


def _free_key(session: Session, row: LabelRow) -> None:
    """A label that comes back gives up a key that another one has got meanwhile."""
    query = select(LabelRow.id).where(
        LabelRow.project_id == row.project_id,
        LabelRow.key == row.key,
        LabelRow.id != row.id,
        ~LabelRow.is_deleted,
    )
    if row.key and session.scalar(query.limit(1)):
        row.key = ""


def _rename(session: Session, row: LabelRow, name: str) -> None:
    """Give a label a name unless another one that is there bears it."""
    query = select(LabelRow).where(
        LabelRow.project_id == row.project_id, LabelRow.name == name, LabelRow.id != row.id
    )
    if other := session.scalar(query):
        if not other.is_deleted:
            raise RefusedError(
                f'There is a label "{name}" already: give that one another name first.'
            )
        other.name = f"{other.name[:150]} (deleted {other.id})"
        session.flush()
    row.name = name
