"""Why a run has not begun to train, in one sentence that is true at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from engine.runner import places
from engine.runs.kinds import is_look, is_search
from engine.system import gpus
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import StorageError
from storage.runs import runs
from storage.types import Run, RunState

DOING = {RunState.STARTING: "is starting", RunState.QUEUED: "is before it in the queue"}


def why(db: Database, run: Run) -> str:
    """Say what a queued run waits for; empty for a run that does not wait."""
    if run.state is not RunState.QUEUED:
        return ""
    present = _present()
    active = [one for one in runs.active_runs(db) if _same_place(one, run, present)]
    trainings = [one for one in active if not is_look(one)]
    ahead = [one for one in runs.queued_runs(db) if _is_before(one, run, present)]
    if first := next(iter([*_holding(trainings, run, present), *ahead]), None):
        return _behind(db, run, first, len(trainings) + len(ahead) - 1)
    if not is_served(db):
        return "No program serves the queue now: the run starts when Whetstone is open."
    if looks := [one for one in active if is_look(one)]:
        made = "to end" if is_look(run) else "to make way: it goes on afterwards"
        return f"Waits for {_name(db, run, looks[0])} {made}."
    return "Nothing is before it: it starts in a moment."


def beginning(run: Run) -> str:
    """Say what a run does that has begun and has made no step yet."""
    if run.state is RunState.STARTING:
        return "Starting the training process"
    return "Loading the model" if is_look(run) else "Loading the base model"


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


@cache
def _present() -> tuple[str, ...]:
    # Pages ask every second, and the question starts a program.
    return tuple(gpus.present())


def _same_place(one: Run, run: Run, present: Sequence[str]) -> bool:
    place = places.place_of(run, present)
    return place != places.CLUSTER and places.place_of(one, present) == place


def _is_before(one: Run, run: Run, present: Sequence[str]) -> bool:
    """Tell whether a queued run has its turn before this one: trainings first, then by age."""
    order = (is_look(one), one.id) < (is_look(run), run.id)
    return order and _same_place(one, run, present)


def _holding(trainings: Sequence[Run], run: Run, present: Sequence[str]) -> list[Run]:
    """Return the trainings that leave no room for a run: on the CPU one, on GPUs all of them."""
    if places.place_of(run, present) != places.GPU:
        return list(trainings)
    taken = sum(map(places.processes_of, trainings))
    return list(trainings) if taken + places.processes_of(run) > len(present) else []


def _behind(db: Database, run: Run, first: Run, others: int) -> str:
    doing = DOING.get(first.state, "is searching" if is_search(first) else "is training")
    if is_look(first) and first.state is not RunState.QUEUED:
        doing = "reads the documents"
    noun = "run is" if others == 1 else "runs are"
    more = f"; {others:,} more {noun} before it" if others else ""
    return f"Waits for {_name(db, run, first)}, which {doing}{more}."


def _name(db: Database, run: Run, other: Run) -> str:
    """Name another run; runs are counted in their project, so one of another names that too."""
    title = other.title if other.number else "a suggestion pass"
    if other.project_id == run.project_id:
        return title
    return f"{title} of the project {projects.get_project(db, other.project_id).name!r}"
