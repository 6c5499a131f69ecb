"""Why a run has not begun to train, in one sentence that is true at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from engine.jobs import kinds
from engine.runner.machines import needs, places
from engine.runner.machines.places import is_background
from engine.system import gpus
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import StorageError
from storage.machines import machines
from storage.machines.machines import Machine
from storage.runs import runs
from storage.types import Run, RunState

DOING = {RunState.STARTING: "is starting", RunState.QUEUED: "is before it in the queue"}


def why(db: Database, run: Run) -> str:
    """Say what a queued run waits for; empty for a run that does not wait."""
    if run.state is not RunState.QUEUED:
        return ""
    if not db.path and (missing := needs.unmet(run, _living(db))):
        return missing
    present = _present()
    active = [one for one in runs.active_runs(db) if _same_place(one, run, present)]
    wanted = [one for one in active if not is_background(one)]
    ahead = [one for one in runs.queued_runs(db) if _is_before(one, run, present)]
    if first := next(iter([*_holding(wanted, run, present), *ahead]), None):
        return _behind(db, run, first, len(wanted) + len(ahead) - 1)
    if not is_served(db):
        return "No program serves the queue now: the run starts when Whetstone is open."
    if background := [one for one in active if is_background(one)]:
        made = "to end" if is_background(run) else "to make way: it goes on afterwards"
        return f"Waits for {_name(db, run, background[0])} {made}."
    return "Nothing is before it: it starts in a moment."


def beginning(run: Run) -> str:
    """Say what a run does that has begun and has made no step yet."""
    if run.state is RunState.STARTING:
        return "Starting the training process"
    return kinds.of(run).loading


def is_served(db: Database) -> bool:
    """Tell whether a program leads this database's queue, by trying its lock."""
    lock = db.runner_lock()
    try:
        free = lock.acquire()
    except StorageError:
        # A home that can only be read: nobody can lead in it.
        return False
    lock.release()
    return not free


def _living(db: Database) -> list[Machine]:
    """Return the machines that serve the queue, as far as anybody knows."""
    return [one for one in machines.list_machines(db) if not one.silent and not one.trouble]


@cache
def _present() -> tuple[str, ...]:
    # Pages ask every second, and the question starts a program.
    return tuple(gpus.present())


def _same_place(one: Run, run: Run, present: Sequence[str]) -> bool:
    place = places.place_of(run, present)
    return place != places.CLUSTER and places.place_of(one, present) == place


def _is_before(one: Run, run: Run, present: Sequence[str]) -> bool:
    """Tell whether a queued run has its turn before this one: what people wait for, then by age."""
    order = (is_background(one), one.id) < (is_background(run), run.id)
    return order and _same_place(one, run, present)


def _holding(wanted: Sequence[Run], run: Run, present: Sequence[str]) -> list[Run]:
    """Return the wanted runs that leave no room for a run: on the CPU one, on GPUs all."""
    if places.place_of(run, present) != places.GPU:
        return list(wanted)
    taken = sum(map(places.processes_of, wanted))
    return list(wanted) if taken + places.processes_of(run) > len(present) else []


def _behind(db: Database, run: Run, first: Run, others: int) -> str:
    doing = DOING.get(first.state, kinds.of(first).doing)
    noun = "run is" if others == 1 else "runs are"
    more = f"; {others:,} more {noun} before it" if others else ""
    return f"Waits for {_name(db, run, first)}, which {doing}{more}."


def _name(db: Database, run: Run, other: Run) -> str:
    """Name another run; runs are counted in their project, so one of another names that too."""
    title = other.title if other.number else f"a {other.kind}"
    if other.project_id == run.project_id:
        return title
    return f"{title} of the project {projects.get_project(db, other.project_id).name!r}"
