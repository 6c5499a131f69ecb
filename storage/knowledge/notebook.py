"""The notebook's rounds: opened by a focus, closed by a run, given up; the lesson of each.

A run closes one round, whoever notes it and however often: a round is known by its run and by
when that ended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.corpus.validation import text as valid_text
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import JournalRow, NotebookEntryRow, RunRow
from storage.errors import InputError, NotFoundError, RefusedError
from storage.knowledge import work
from storage.permissions import Ability, needs
from storage.types import RunState

LONGEST_LESSON = 2_000


class Round(StrEnum):
    """How far a round is."""

    OPEN = "open"
    DONE = "done"
    """A training that is done ended it; whether it brought anything is another matter."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    GIVEN_UP = "given up"
    """Another focus took its place, or somebody ended it, before anything was trained."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A round. Times are ISO 8601; ``run`` and ``closed_run`` may have been deleted since.

    ``about`` names what was weakest: ``{"label"}`` or ``{"split", "gold", "predicted"}``, and
    ``said``, the sentence that told it. ``done`` and ``brought`` are as they were at its end.
    """

    id: int
    project_id: int
    state: Round
    goal: str
    about: Mapping[str, Any]
    run: int | None
    closed_run: int | None
    done: Sequence[Mapping[str, Any]]
    brought: Mapping[str, Any] | None
    lesson: str
    lesson_by: str
    opened_by: str
    opened_at: str
    closed_at: str | None


@dataclass(frozen=True, slots=True)
class Closing:
    """What ends a round: a run, what was done for it, what it brought.

    ``goal``, ``about``, ``run`` and the like are of a round that nobody opened; one that is
    open keeps its own.
    """

    state: Round
    done: Sequence[Mapping[str, Any]]
    brought: Mapping[str, Any]
    goal: str
    about: Mapping[str, Any]
    run: int | None
    by: str


def entries(db: Database, project_id: int) -> list[Entry]:
    """Return a project's rounds: the open one, then the newest first; raises NotFoundError."""
    row = NotebookEntryRow
    ended = func.coalesce(row.closed_at, row.opened_at)
    order = (row.state != Round.OPEN, ended.desc(), row.id.desc())
    with db.read() as session:
        required(session, project_id)
        query = select(row).where(row.project_id == project_id).order_by(*order)
        return [_entry(each) for each in session.scalars(query)]


def current(db: Database, project_id: int) -> Entry | None:
    """Return the round that is open; None where none is."""
    with db.read() as session:
        found = _open(session, project_id)
        return _entry(found) if found else None


@needs(Ability.GUIDE)
def begin(
    db: Database, project_id: int, goal: str, about: Mapping[str, Any], run_id: int | None, by: str
) -> Entry:
    """Open a round. One that is open is given up; where nothing was done in it, it never was.

    Raises InputError, NotFoundError.
    """
    with db.write() as session:
        required(session, project_id, turn=True)
        _leave(session, project_id)
        shown = session.get(RunRow, run_id) if run_id else None
        row = NotebookEntryRow(
            project_id=project_id,
            state=Round.OPEN,
            goal=valid_text(goal, "The goal"),
            about=dict(about),
            run_id=run_id,
            journal_id=shown.journal_id if shown else _newest(session, project_id),
            done=[],
            opened_by=by,
            opened_at=now(),
        )
        session.add(row)
        session.flush()
        return _entry(row)


@needs(Ability.GUIDE)
def give_up(db: Database, project_id: int) -> None:
    """End the round that is open, without a training; nothing where none is."""
    with db.write() as session:
        required(session, project_id, turn=True)
        _leave(session, project_id)


@needs(Ability.GUIDE)
def write_lesson(
    db: Database, entry_id: int, lesson: str, by: str, base: str | None = None
) -> Entry:
    """Store what was learned in a round, in a person's words.

    Raises:
        InputError, NotFoundError: the text is unusable, there is no such round.
        RefusedError: there is another lesson by now than the ``base`` that was changed.
    """
    lesson = valid_text(lesson.strip(), "The lesson")
    if len(lesson) > LONGEST_LESSON:
        raise InputError(
            f"The lesson has {len(lesson):,} characters: say it in {LONGEST_LESSON:,} or fewer."
        )
    with db.write() as session:
        row = session.get(NotebookEntryRow, entry_id, with_for_update=True)
        if row is None:
            raise NotFoundError(f"There is no round {entry_id}: reload the page.")
        if base is not None and row.lesson not in (base, lesson):
            raise RefusedError("Somebody else wrote a lesson here meanwhile: choose one.")
        if row.lesson != lesson:
            row.lesson, row.lesson_by = lesson, by if lesson else ""
        return _entry(row)


def unwritten(db: Database, kinds: Collection[str], project_id: int | None = None) -> int | None:
    """Return the run of these kinds that ended first and has no round yet; None without one.

    One that never began is none, and a run that was resumed ended anew.
    """
    told = exists().where(
        NotebookEntryRow.closed_run_id == RunRow.id,
        NotebookEntryRow.closed_at == RunRow.finished_at,
    )
    final = [state for state in RunState if state.final]
    ended = and_(RunRow.state.in_(final), RunRow.started_at.is_not(None))
    query = select(RunRow.id).where(RunRow.kind.in_(kinds), ended, ~told)
    if project_id is not None:
        query = query.where(RunRow.project_id == project_id)
    query = query.where(RunRow.finished_at.is_not(None))
    with db.read() as session:
        return session.scalar(query.order_by(RunRow.finished_at, RunRow.id).limit(1))


def close(db: Database, run_id: int, closing: Closing) -> Entry | None:
    """Let a run that has ended close a round: the open one, that it was begun for, or its own.

    Nothing happens where that was done before, or the run is gone: then None is returned. A run
    that ended another way before, and was resumed, keeps its lesson.
    """
    with db.write() as session:
        run = session.get(RunRow, run_id)
        if run is None:
            return None
        required(session, run.project_id, turn=True)
        own = session.scalar(select(NotebookEntryRow).filter_by(closed_run_id=run_id))
        if run.finished_at is None or (own and own.closed_at == run.finished_at):
            return None
        row = _closed_by(session, run, closing, own)
        row.state, row.closed_run_id, row.closed_at = closing.state, run_id, run.finished_at
        row.closed_journal_id = run.journal_id
        row.done, row.brought = [dict(each) for each in closing.done], dict(closing.brought)
        session.flush()
        return _entry(row)


def is_for(entry: Entry | None, created_at: str, state: RunState) -> bool:
    """Tell whether a run ends the round that is open: it is done, and was begun after it."""
    return entry is not None and state is RunState.DONE and created_at >= entry.opened_at


def _closed_by(
    session: Session, run: RunRow, closing: Closing, own: NotebookEntryRow | None
) -> NotebookEntryRow:
    """Return the round that a run closes, made where nobody opened one."""
    open_row = _open(session, run.project_id)
    if open_row and is_for(_entry(open_row), run.created_at, RunState(run.state)):
        if own:
            open_row.lesson = open_row.lesson or own.lesson
            open_row.lesson_by = open_row.lesson_by or own.lesson_by
            session.delete(own)
        return open_row
    row = own or NotebookEntryRow(project_id=run.project_id, opened_by=closing.by)
    row.goal, row.about, row.run_id = closing.goal, dict(closing.about), closing.run
    row.opened_at = run.created_at
    shown = session.get(RunRow, closing.run) if closing.run else None
    row.journal_id = shown.journal_id if shown else None
    session.add(row)
    return row


def _leave(session: Session, project_id: int) -> None:
    """End the open round: given up, or gone where nothing was done in it."""
    row = _open(session, project_id)
    if row is None:
        return
    at = now()
    done = work.between(session, project_id, work.Bounds(row.opened_at, at))
    if done or row.lesson:
        row.state, row.closed_at, row.done = Round.GIVEN_UP, at, done
        row.closed_journal_id = _newest(session, project_id)
    else:
        session.delete(row)
    session.flush()


def _open(session: Session, project_id: int) -> NotebookEntryRow | None:
    query = select(NotebookEntryRow).filter_by(project_id=project_id, state=Round.OPEN)
    return session.scalar(query.order_by(NotebookEntryRow.id.desc()).limit(1))


def _newest(session: Session, project_id: int) -> int:
    newest = select(func.max(JournalRow.id)).where(JournalRow.project_id == project_id)
    return session.scalar(newest) or 0


def _entry(row: NotebookEntryRow) -> Entry:
    return Entry(
        row.id,
        row.project_id,
        Round(row.state),
        row.goal or "",
        row.about,
        row.run_id,
        row.closed_run_id,
        tuple(row.done or ()),
        row.brought,
        row.lesson or "",
        row.lesson_by or "",
        row.opened_by,
        row.opened_at,
        row.closed_at,
    )
