"""Undo and redo over a whole project: the newest step of an annotator, wherever it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from storage.actions import actions
from storage.corpus import validation
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.schema import JournalRow, StepRow
from storage.errors import ConflictError, NotFoundError, RefusedError
from storage.journal import recording, steps
from storage.journal.editing import clean
from storage.journal.recording import Draft
from storage.journal.steps import DONE, UNDONE, Owner


@dataclass(frozen=True, slots=True)
class Undone:
    """A step that was taken back or repeated; ``document`` is None for an action.

    ``skipped`` counts edits that no longer fitted.
    """

    title: str
    document: int | None
    documents: int
    spans: int
    skipped: int


def undo(db: Database, project_id: int, annotator: str, expects: str) -> Undone:
    """Take back the newest step, which must be the one called ``expects``.

    Raises ConflictError where it is another, NotFoundError where there is none.
    """
    return _turn(db, Owner(project_id, validation.name(annotator, "annotator")), expects, DONE)


def redo(db: Database, project_id: int, annotator: str, expects: str) -> Undone:
    """Repeat the step that was taken back last; raises as ``undo``."""
    return _turn(db, Owner(project_id, validation.name(annotator, "annotator")), expects, UNDONE)


def _turn(db: Database, owner: Owner, expects: str, state: str) -> Undone:
    with db.write() as session:
        required(session, owner.project, turn=True)
        step = steps.newest(session, owner, state)
        if step is None:
            raise NotFoundError(f"There is nothing to {'undo' if state == DONE else 'redo'}.")
        if step.op != expects:
            raise ConflictError("Another step came in between: try again.")
        if step.action_id is not None:
            return _turn_action(session, owner, step)
        return _turn_edit(session, owner, step)


def _turn_action(session: Session, owner: Owner, step: StepRow) -> Undone:
    first = int(step.first.removeprefix("action:"))
    title = actions.read(session, first).title
    assert step.action_id is not None, "the step of an action names it"
    done = actions.take_back(session, step.action_id, owner.annotator, as_step=False)
    steps.turn_action(session, owner, step, done.id)
    return Undone(title, None, done.documents, done.spans, done.skipped)


def _turn_edit(session: Session, owner: Owner, step: StepRow) -> Undone:
    title = steps.title_of(session, step)
    entry = session.get_one(JournalRow, step.journal_id)
    draft = Draft.open(session, owner.project, entry.document_id, owner.annotator)
    client = f"undo-{uuid4().hex}"
    try:
        draft.apply(client, _operation(draft, step, entry.inverse))
    except RefusedError:
        # What stands in its way was done by others, or to the labels: the way back leads past it.
        steps.drop(session, step)
        return Undone(title, entry.document_id, 0, 0, 1)
    recording.record_steps(session, draft, recording.store(session, [draft]))
    return Undone(title, entry.document_id, 1, 1, 0)


def _operation(draft: Draft, step: StepRow, inverse: Mapping[str, Any]) -> dict[str, Any]:
    known = steps.renamed(inverse, draft.setting.label_names)
    name = "undoes" if step.state == DONE else "redoes"
    return clean(known | {"seq": 1, "base_revision": draft.state.revision, name: step.op})
