"""A project's guideline through time: its versions, and the way back to one of them.

Its text and its labels are written elsewhere (``corpus.projects``), its examples beside this; what
makes a version of a change is ``versions.making``.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import ExampleRow, GuidelineVersionRow, LabelRow
from storage.errors import InputError, NotFoundError
from storage.knowledge.versions import content, making
from storage.knowledge.versions.said import FIRST, Said, Version, from_json, to_json
from storage.permissions import Ability, needs


def in_force(db: Database, project_id: int) -> Version:
    """Return what the guideline says now; raises NotFoundError."""
    with db.read() as session:
        return content.in_force(session, required(session, project_id))


def history(db: Database, project_id: int) -> list[Version]:
    """Return all versions of a guideline, the one in force first; raises NotFoundError."""
    query = select(GuidelineVersionRow).where(GuidelineVersionRow.project_id == project_id)
    with db.read() as session:
        present = content.in_force(session, required(session, project_id))
        rows = session.scalars(query.order_by(GuidelineVersionRow.number.desc()))
        return [present, *(content.of_row(row) for row in rows if row.number != present.number)]


def version(db: Database, project_id: int, number: int) -> Version:
    """Return one version of a guideline; raises NotFoundError."""
    with db.read() as session:
        return _version(session, project_id, number)


@needs(Ability.GUIDE)
def take_back(db: Database, project_id: int, number: int) -> Version:
    """Let the guideline say again what a version said, as a new version; raises NotFoundError.

    Labels that have come since stay as they are, those that have gone stay away.
    """
    author = settings.annotator(db)
    with db.write() as session:
        project = required(session, project_id, turn=True)
        wanted = _version(session, project_id, number)
        with making.changing(session, project_id, author, note=f"Back to version {number}"):
            project.guideline = wanted.text
            for said in wanted.labels:
                row = session.get_one(LabelRow, said.id)
                if not row.is_deleted:
                    _say(session, row, said, author)
        return content.in_force(session, project)


@needs(Ability.GUIDE)
def set_meaning(db: Database, project_id: int, label_id: int, changes: bool) -> Version:
    """Say whether the version in force changes what a label means, or only how it is said.

    Raises NotFoundError, and InputError where it is the first version.
    """
    with db.write() as session:
        project = required(session, project_id, turn=True)
        number = project.guideline_version
        row = content.stored(session, project_id, number)
        before = content.stored(session, project_id, number - 1)
        if row is None or before is None:
            raise InputError(
                "The first version of a guideline changes no meaning: change it first."
            )
        earlier = content.of_row(before).label(label_id)
        since = number if changes else (earlier.since if earlier else FIRST)
        row.labels = to_json(
            [
                replace(each, since=since) if each.id == label_id else each
                for each in from_json(row.labels)
            ]
        )
        session.flush()
        return content.in_force(session, project)


def _version(session: Session, project_id: int, number: int) -> Version:
    project = required(session, project_id)
    if number == project.guideline_version:
        return content.in_force(session, project)
    row = content.stored(session, project_id, number)
    if row is None:
        raise NotFoundError(f"The guideline has no version {number}: choose one from the list.")
    return content.of_row(row)


def _say(session: Session, row: LabelRow, said: Said, author: str) -> None:
    """Let a label say what it said in a version, with the sentences that showed it."""
    row.description, row.positive, row.negative = said.words
    there = {
        each.id: each
        for each in session.scalars(select(ExampleRow).where(ExampleRow.label_id == row.id))
    }
    for shown in said.examples:
        example = there.pop(shown.id, None)
        if example is None:
            example = ExampleRow(project_id=row.project_id, label_id=row.id, author=author)
            example.created_at = now()
            session.add(example)
        example.kind, example.text, example.reason = shown.kind, shown.text, shown.reason
        example.start, example.end = shown.start, shown.end
        example.document_id, example.second_text = shown.document, shown.second_text
    for example in there.values():
        session.delete(example)
