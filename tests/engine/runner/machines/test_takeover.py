"""A machine that dies is noticed, and its run goes on elsewhere; who comes back writes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.launchers import store
from engine.runner.machines import watching
from engine.runs import lock, spec
from engine.runs.events import Events
from engine.runs.fence import Fence, Superseded
from storage import home
from storage.machines import machines
from storage.runs import run_events, runs
from storage.types import Run, RunState
from tests.engine.runner.machines.clock import Clock
from tests.engine.runner.machines.conftest import Two
from tests.storage.server import needs_postgres

pytestmark = needs_postgres
LONG = watching.SILENT_SECONDS + 1


@pytest.fixture
def orphan(two: Two, clock: Clock) -> Run:
    """A run of a machine that has gone; the other one, which leads now, has looked around."""
    first = two.start("first")
    run = two.queue()
    first.step()
    first.step()
    assert two.run(run).state is RunState.RUNNING
    first.release()
    return two.run(run)


def test_a_dead_machines_run_goes_on_elsewhere_as_the_next_attempt(
    two: Two, orphan: Run, clock: Clock
) -> None:
    folder = home.run_folder(orphan.folder)
    (folder / lock.NAME).touch()
    second = two.start("second")
    second.step()
    clock.now += LONG
    second.step()
    assert [one.name for one in machines.list_machines(two.db) if one.silent] == ["first"]
    assert two.run(orphan).state is RunState.QUEUED
    assert two.run(orphan).message.startswith("first was not heard of for 30 s: the run goes on")
    assert not (folder / lock.NAME).exists()
    second.step()
    taken = two.run(orphan)
    assert (taken.machine, taken.attempt) == (second.machine.id, 2)
    assert spec.read(folder).attempt == 2
    with pytest.raises(Superseded, match="Attempt 2 has taken over from attempt 1"):
        Fence(folder, 1).check()


def test_a_worker_that_still_writes_is_let_alone_and_its_outcome_read(
    two: Two, orphan: Run, clock: Clock
) -> None:
    second, worker = two.start("second"), two.workers.living[orphan.id]
    second.step()
    for _ in range(4):
        clock.now += LONG / 2
        worker.write("heartbeat")
        second.step()
    assert two.run(orphan).state is RunState.RUNNING, "its runner is gone, it is not"
    worker.state("cancelled", "Enough.")
    second.step()
    assert (two.run(orphan).state, two.run(orphan).message) == (RunState.CANCELLED, "Enough.")


def test_a_machine_that_comes_back_leaves_the_run_to_its_new_place(
    two: Two, orphan: Run, clock: Clock
) -> None:
    second = two.start("second")
    second.step()
    clock.now += LONG
    second.step()
    second.step()
    before = two.run(orphan)
    back = two.start("first")
    back.step()
    back.step()
    assert two.run(orphan) == before
    assert not any(one.silent for one in machines.list_machines(two.db))
    # One that was only slow believes what it read before.
    assert back._give_up(orphan, "the process died") is RunState.FAILED
    assert two.run(orphan) == before


def test_what_a_machine_reads_late_is_not_stored(two: Two, orphan: Run, clock: Clock) -> None:
    """A process that was stopped goes on where it was: with a run that it took for its own."""
    back, folder = two.start("first"), home.run_folder(orphan.folder)
    second = two.start("second")
    second.step()
    clock.now += LONG
    second.step()
    second.step()
    before = two.run(orphan), run_events.events_offset(two.db, orphan.id)
    Events(folder, orphan.attempt).state("done")
    assert back._ingest(orphan) is before[0].state
    assert not run_events.ingest(two.db, orphan.id, before[1], before[1] + 9, (), orphan.attempt)
    assert (two.run(orphan), run_events.events_offset(two.db, orphan.id)) == before


def test_a_runner_that_comes_back_ends_workers_whose_run_went_on_elsewhere(
    two: Two, orphan: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a storage each machine has folders of its own: nobody else could tell them."""
    monkeypatch.setenv(store.VARIABLE, f"file://{tmp_path}/store")
    folder = home.run_folder(orphan.folder)
    held = lock.take(folder)
    fence = Fence(folder, orphan.attempt)
    two.start("first").step()
    fence.check()
    runs.requeue(two.db, orphan.id)
    runs.claim(two.db, orphan.id, "another")
    for runner in two.made:
        runner.release()
    two.start("first").step()
    with pytest.raises(Superseded, match="Another machine has taken over from attempt 1"):
        fence.check()
    os.close(held)


def test_what_was_to_be_cancelled_does_not_begin_again(two: Two, orphan: Run, clock: Clock) -> None:
    runs.request_cancel(two.db, orphan.id)
    second = two.start("second")
    second.step()
    clock.now += LONG
    second.step()
    assert two.run(orphan).state is RunState.CANCELLED


def test_a_machine_that_works_on_is_never_taken_for_dead(two: Two, clock: Clock) -> None:
    first, second = two.start("first"), two.start("second")
    run = two.queue()
    second.step()
    for _ in range(5):
        first.step()
        clock.now += LONG / 2
        second.step()
    assert two.run(run).machine == second.machine.id
    assert not any(one.silent for one in machines.list_machines(two.db))


def test_names_of_silent_machines_go_after_a_week(
    two: Two, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two.start("first"), two.start("second")
    first.step()
    first.release()
    second.step()
    clock.now += LONG
    second.step()
    assert len(machines.list_machines(two.db)) == 2
    monkeypatch.setattr(machines, "KEPT", -machines.KEPT)
    machines.forget_old(two.db)
    assert [one.name for one in machines.list_machines(two.db)] == ["second"]


def test_without_an_event_ever_the_run_of_a_dead_machine_goes_on_too(
    two: Two, clock: Clock
) -> None:
    first, second = two.start("first"), two.start("second")
    first.step()
    run = runs.claim(two.db, two.queue().id, first.machine.id)
    first.release()
    second.step()
    clock.now += LONG
    second.step()
    second.step()
    assert two.run(run).machine == second.machine.id
    assert Path(home.run_folder(two.run(run).folder)).is_dir()
