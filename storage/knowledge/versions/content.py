"""What a project's guideline says at this moment, and what the rows of its versions hold."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.engines.schema import ExampleRow, GuidelineVersionRow, LabelRow, ProjectRow
from storage.knowledge.versions.said import Said, Shown, Version, from_json


def in_force(session: Session, project: ProjectRow) -> Version:
    """Return the version in force, as its text, labels and examples are now."""
    row = stored(session, project.id, project.guideline_version)
    known = {label.id: label.since for label in from_json(row.labels)} if row else {}
    said = tuple(
        replace(label, since=known.get(label.id, label.since))
        for label in _labels(session, project.id)
    )
    version = Version(project.guideline_version, project.guideline, said)
    if row is None:
        return version
    return replace(version, note=row.note, author=row.author, created_at=row.created_at)


def stored(session: Session, project_id: int, number: int) -> GuidelineVersionRow | None:
    """Return a version's row, None where it has none."""
    return session.scalar(
        select(GuidelineVersionRow).where(
            GuidelineVersionRow.project_id == project_id, GuidelineVersionRow.number == number
        )
    )


def of_row(row: GuidelineVersionRow) -> Version:
    """Return the version that a row holds."""
    labels = from_json(row.labels)
    return Version(row.number, row.text, labels, row.note, row.author, row.created_at)


def _labels(session: Session, project_id: int) -> list[Said]:
    shown: dict[int, list[Shown]] = {}
    examples = select(ExampleRow).where(ExampleRow.project_id == project_id)
    for row in session.scalars(examples.order_by(ExampleRow.id)):
        shown.setdefault(row.label_id, []).append(
            Shown(
                row.id,
                row.kind,
                row.text,
                row.start,
                row.end,
                row.reason,
                row.document_id,
                row.second_text,
            )
        )
    labels = select(LabelRow).where(LabelRow.project_id == project_id, ~LabelRow.is_deleted)
    return [
        Said(
            row.id,
            row.name,
            row.description,
            row.positive,
            row.negative,
            tuple(shown.get(row.id, ())),
        )
        for row in session.scalars(labels.order_by(LabelRow.position))
    ]
