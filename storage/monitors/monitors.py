"""Monitors: made, changed, due, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.corpus.validation import name as valid_name
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import MonitorAlarmRow, MonitorCountRow, MonitorRow, MonitorTextRow
from storage.errors import InputError, NotFoundError
from storage.permissions import Ability, needs


@dataclass(frozen=True, slots=True)
class Watching:
    """What a monitor watches, with which models, and whom it tells."""

    source: str
    """A file or folder on this computer."""
    run: int
    """The run whose model tells the topics."""
    second_run: int | None = None
    date_column: str = ""
    text_column: str = ""
    second_column: str = ""
    id_column: str = ""
    first: str = ""
    """Whether day or month come first in a date such as 3/4/2026; "" lets the file say."""
    timezone: str = "UTC"
    by: str = "day"
    alarms_per_year: float = 1.0
    minutes: int = 60
    """How long after a reading the source is looked at again."""
    emails: tuple[str, ...] = ()
    webhook: str = ""

    @property
    def reading(self) -> tuple[int, int | None, str, str]:
        """What decides where a text is counted: with another, all are read anew."""
        return self.run, self.second_run, self.first, self.timezone


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor as the database knows it."""

    id: int
    project_id: int
    name: str
    watching: Watching
    paused: bool
    signature: str
    next_at: str
    read_at: str
    told: Mapping[str, Any]


@needs(Ability.MANAGE)
def create(db: Database, project_id: int, name: str, watching: Watching) -> Monitor:
    """Make a monitor that is due at once; raises InputError where its name is taken."""
    name = valid_name(name, "monitor")
    with db.write() as session:
        required(session, project_id)
        taken = select(MonitorRow.id).where(
            MonitorRow.project_id == project_id, MonitorRow.name == name
        )
        if session.scalar(taken):
            raise InputError(f"There is a monitor {name!r} already: choose another name.")
        at = now()
        row = MonitorRow(
            project_id=project_id,
            name=name,
            settings=asdict(watching),
            is_paused=False,
            signature="",
            next_at=at,
            read_at="",
            told={},
            created_at=at,
        )
        session.add(row)
        session.flush()
        return _monitor(row)


def get(db: Database, monitor_id: int) -> Monitor:
    """Return a monitor; raises NotFoundError."""
    with db.read() as session:
        return _monitor(_required(session, monitor_id))


def of_project(db: Database, project_id: int) -> list[Monitor]:
    """Return a project's monitors, the oldest first."""
    query = select(MonitorRow).where(MonitorRow.project_id == project_id).order_by(MonitorRow.id)
    with db.read() as session:
        return [_monitor(row) for row in session.scalars(query)]


def sources(db: Database) -> list[str]:
    """Return what all monitors watch, each as often as it is watched."""
    with db.read() as session:
        return [_monitor(row).watching.source for row in session.scalars(select(MonitorRow))]


def due(db: Database, at: str) -> list[Monitor]:
    """Return the monitors whose source is to be looked at by now (ISO 8601, UTC)."""
    query = select(MonitorRow).where(MonitorRow.next_at <= at, ~MonitorRow.is_paused)
    with db.read() as session:
        return [_monitor(row) for row in session.scalars(query.order_by(MonitorRow.id))]


@needs(Ability.MANAGE)
def change(db: Database, monitor_id: int, watching: Watching) -> Monitor:
    """Change what a monitor does from now on.

    Other models, or another way to read dates, read all its texts anew.
    """
    with db.write() as session:
        row = _required(session, monitor_id, lock=True)
        before = _monitor(row).watching
        row.settings, row.signature, row.next_at = asdict(watching), "", now()
        if before.reading != watching.reading:
            for table in (MonitorTextRow, MonitorCountRow, MonitorAlarmRow):
                session.execute(delete(table).where(table.monitor_id == monitor_id))
        # What comes out now is no news: see ``engine.runner.monitors.find_alarms``.
        row.told = {**row.told, "tested": False}
        return _monitor(row)


@needs(Ability.MANAGE)
def pause(db: Database, monitor_id: int, paused: bool) -> None:
    """Stop looking at the source, or go on at once."""
    with db.write() as session:
        row = _required(session, monitor_id, lock=True)
        row.is_paused, row.next_at = paused, now()


@needs(Ability.MANAGE)
def look_now(db: Database, monitor_id: int) -> None:
    """Let a monitor be due at once, whatever its source is like."""
    with db.write() as session:
        row = _required(session, monitor_id, lock=True)
        row.next_at, row.signature, row.is_paused = now(), "", False


def schedule(db: Database, monitor_id: int, next_at: str, problem: str = "") -> None:
    """Say when the source is looked at next, and what was wrong with it now."""
    with db.write() as session:
        row = _required(session, monitor_id, lock=True)
        row.next_at = next_at
        row.told = {**row.told, "problem": problem}


def note_tested(db: Database, monitor_id: int) -> None:
    """Note that all of the source was read once and tested: what comes from now on is news."""
    with db.write() as session:
        row = _required(session, monitor_id, lock=True)
        row.told = {**row.told, "tested": True}


@needs(Ability.MANAGE)
def delete_monitor(db: Database, monitor_id: int) -> None:
    """Delete a monitor with its counts and alarms; raises NotFoundError."""
    with db.write() as session:
        session.delete(_required(session, monitor_id, lock=True))


def note_reading(
    session: Session, monitor_id: int, signature: str, next_at: str, told: Mapping[str, Any]
) -> None:
    """Note what a reading found, as part of a larger write."""
    row = _required(session, monitor_id, lock=True)
    row.signature, row.next_at, row.read_at = signature, next_at, now()
    row.told = {**dict(told), "tested": bool(row.told.get("tested"))}


def _required(session: Session, monitor_id: int, *, lock: bool = False) -> MonitorRow:
    row = session.get(MonitorRow, monitor_id, with_for_update=lock)
    if row is None:
        raise NotFoundError(f"There is no monitor {monitor_id}: choose one from the list.")
    return row


def _monitor(row: MonitorRow) -> Monitor:
    known = {field.name for field in fields(Watching)}
    given = {name: value for name, value in row.settings.items() if name in known}
    given["emails"] = tuple(given.get("emails") or ())
    return Monitor(
        row.id,
        row.project_id,
        row.name,
        Watching(**given),
        row.is_paused,
        row.signature,
        row.next_at,
        row.read_at,
        row.told,
    )
