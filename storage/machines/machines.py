"""Machines: what each has, and that it lives.

A machine counts its beats, and whoever leads watches them by a clock of its own: the times of
day of two machines need not agree. ``heard_at`` is only for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import MachineRow, RunRow
from storage.types import RunState

# One that was not heard of for so long, and works on nothing, is forgotten.
KEPT = timedelta(days=7)
_LIVING = [state for state in RunState if state.active]


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that serves the queue: its name, and what it has.

    ``place`` is where it sees the folders of runs: who sees another place shares no work.
    """

    id: str
    name: str
    boot: str
    place: str = ""
    tags: tuple[str, ...] = ()
    gpus: tuple[str, ...] = ()
    cores: int = 1
    memory: int = 0
    """In bytes."""
    beats: int = 0
    heard_at: str = ""
    silent: bool = False
    """Whether the leader has not heard of it for so long that its runs go on elsewhere."""
    trouble: str = ""
    """Why it serves nothing; empty where it does."""


def beat(db: Database, machine: Machine) -> Machine:
    """Say that a machine lives, and what it has; return it as it is stored."""
    with db.write(durable=False) as session:
        row = session.get(MachineRow, machine.id, with_for_update=True)
        if row is None:
            row = MachineRow(id=machine.id, beats=0)
            session.add(row)
        row.name, row.boot_id, row.place = machine.name, machine.boot, machine.place
        row.tags, row.gpus = list(machine.tags), list(machine.gpus)
        row.cores, row.memory, row.trouble = machine.cores, machine.memory, machine.trouble
        row.beats, row.heard_at, row.silent = row.beats + 1, now(), False
        return _machine(row)


def list_machines(db: Database) -> list[Machine]:
    """Return all machines that are known, by name."""
    query = select(MachineRow).order_by(MachineRow.name, MachineRow.id)
    with db.read() as session:
        return [_machine(row) for row in session.scalars(query)]


def mark_silent(db: Database, machine: Machine) -> bool:
    """Note that nothing was heard of a machine since this beat; return whether that holds."""
    with db.write() as session:
        row = session.get(MachineRow, machine.id, with_for_update=True)
        if row is None or row.beats != machine.beats:
            return False
        row.silent = True
        return True


def forget_old(db: Database) -> None:
    """Forget machines that have been silent for a week and work on nothing."""
    before = (datetime.now(UTC) - KEPT).isoformat(timespec="milliseconds")
    busy = select(RunRow.machine_id).where(
        RunRow.machine_id.is_not(None), RunRow.state.in_(_LIVING)
    )
    old = MachineRow.silent, MachineRow.heard_at < before, MachineRow.id.not_in(busy)
    with db.write() as session:
        session.execute(delete(MachineRow).where(*old))


def _machine(row: MachineRow) -> Machine:
    return Machine(
        id=row.id,
        name=row.name,
        boot=row.boot_id,
        place=row.place,
        tags=tuple(row.tags),
        gpus=tuple(row.gpus),
        cores=row.cores,
        memory=row.memory,
        beats=row.beats,
        heard_at=row.heard_at,
        silent=row.silent,
        trouble=row.trouble,
    )
