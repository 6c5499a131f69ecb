"""The ledger: who did what on which day, told by the journal and by what else people leave.

It ranks nobody: people stand by name. An admin sees everybody's, everybody else their own; that is
decided here, by who acts. Counted is what somebody did, in whosever version (`JournalRow.actor`).

How time is told: `edited.PAUSE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storage.collaboration.work import edited, reviewed
from storage.collaboration.work.edited import Days
from storage.collaboration.work.kept import Work
from storage.collaboration.work.reviewed import Changed
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import (
    ActionRow,
    CommentRow,
    GuidelineVersionRow,
    JournalRow,
    RunRow,
    SuggestionOutcomeRow,
    ThreadRow,
)
from storage.folding import fold
from storage.permissions import Ability, may
from storage.types import Merged

# "2026-11-28T10:15" of a moment as the database writes it, which is UTC.
_MINUTE = 16


@dataclass(frozen=True, slots=True)
class Ledger:
    """The days of people, by name and day, and what review changed of their work, by name."""

    days: Days
    changed: dict[str, Changed]

    @property
    def people(self) -> list[str]:
        """Return who is in it, by name: no figure orders them."""
        names = {name for name, _ in self.days} | self.changed.keys()
        return sorted(names, key=lambda name: (fold(name), name))

    def total(self, name: str) -> Work:
        """Return all days of somebody together."""
        total = Work()
        for (who, _), work in self.days.items():
            if who == name:
                total.add(work)
        return total


_Rows = Select[*tuple[Any, ...]]
_Text = ColumnElement[str] | InstrumentedAttribute[str]


def read(
    db: Database,
    project_id: int,
    zone: tzinfo | None = None,
    progress: edited.Progress | None = None,
) -> Ledger:
    """Return the ledger of a project: everybody's for an admin, one's own for anybody else.

    Days are those of ``zone``, the server's own where it is None. ``progress`` is told how much
    of a long journal is read.
    """
    own = None if may(Ability.ADMINISTER) else settings.annotator(db)
    days = edited.days(db, project_id, zone, progress)
    with db.read() as session:
        for query in _besides(project_id):
            for name, minute, *counts in session.execute(query.statement):
                day = edited.moment(minute, zone)[1]
                work = days.setdefault((name, day), Work())
                work.add(Work(**dict(zip(query.names, map(int, counts), strict=True))))
        changed = reviewed.changes(session, project_id)
    in_order = sorted(days.items(), key=lambda each: (fold(each[0][0]), each[0]))
    return Ledger(
        {key: work for key, work in in_order if own in (None, key[0])},
        {name: each for name, each in changed.items() if own in (None, name)},
    )


@dataclass(frozen=True, slots=True)
class _Query:
    """A query for name, minute, and the figures of these names."""

    names: tuple[str, ...]
    statement: _Rows


def _besides(project_id: int) -> Iterable[_Query]:
    """Yield what counts beside the journal."""
    yield _Query(("actions", "undone"), _actions(project_id))
    yield _Query(("kept", "dropped"), _suggestions(project_id))
    yield _Query(("comments",), _comments(project_id))
    yield _Query(("guidelines",), _guidelines(project_id))


def _who() -> ColumnElement[str]:
    return func.coalesce(JournalRow.actor, JournalRow.annotator)


def _is_person(who: _Text) -> ColumnElement[bool]:
    return who.not_in(list(Merged))


def _at(moment: _Text) -> ColumnElement[str]:
    return func.substr(moment, 1, _MINUTE)


def _actions(project_id: int) -> _Rows:
    row, minute = ActionRow, _at(ActionRow.created_at)
    done = func.sum(case((row.reverses.is_(None), 1), else_=0))
    undone = func.sum(case((row.reverses.is_not(None), 1), else_=0))
    return (
        select(row.annotator, minute, done, undone)
        .where(row.project_id == project_id, _is_person(row.annotator))
        .group_by(row.annotator, minute)
    )


def _suggestions(project_id: int) -> _Rows:
    """Add up what became of suggestions, for whoever edited the document last before that."""
    row, last, earlier = SuggestionOutcomeRow, JournalRow, aliased(JournalRow)
    newest = (
        select(func.max(earlier.id))
        .where(earlier.document_id == row.document_id, earlier.id <= row.entry)
        .correlate(row)
        .scalar_subquery()
    )
    who, minute = _who(), _at(last.created_at)
    return (
        select(who, minute, func.sum(row.kept), func.sum(row.dropped))
        .select_from(row)
        .join(RunRow, RunRow.id == row.run_id)
        .join(last, last.id == newest)
        .where(RunRow.project_id == project_id, _is_person(who))
        .group_by(who, minute)
    )


def _comments(project_id: int) -> _Rows:
    row, minute = CommentRow, _at(CommentRow.created_at)
    return (
        select(row.author, minute, func.count())
        .join(ThreadRow, ThreadRow.id == row.thread_id)
        .where(ThreadRow.project_id == project_id, _is_person(row.author))
        .group_by(row.author, minute)
    )


def _guidelines(project_id: int) -> _Rows:
    row, minute = GuidelineVersionRow, _at(GuidelineVersionRow.created_at)
    return (
        select(row.author, minute, func.count())
        .where(row.project_id == project_id, row.author != "", _is_person(row.author))
        .group_by(row.author, minute)
    )
