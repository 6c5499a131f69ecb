"""Runs: their states, their one owner, their events taken in exactly once."""

import pytest

from storage import home as place
from storage.errors import NotFoundError, RefusedError, StorageError
from storage.runs import run_events, runs
from storage.types import RunState


@pytest.fixture
def run(db, project) -> int:
    """A run that a worker has begun."""
    made = runs.create_run(db, project.id, {"epochs": 3})
    runs.claim_next(db)
    return made.id


def state(name: str, attempt: int = 1, **fields) -> dict:
    return {"kind": "state", "state": name, "attempt": attempt, "at": "2026-01-01"} | fields


def metric(epoch: int, loss: float = 0.5, attempt: int = 1) -> dict:
    return {"kind": "metric", "epoch": epoch, "loss": loss, "attempt": attempt}


def losses(db, run: int) -> list[tuple[int, float]]:
    return [(event["epoch"], event["loss"]) for event in run_events.metrics(db, run)]


def test_a_new_run_is_queued_and_found(db, project):
    made = runs.create_run(db, project.id, {"epochs": 3, "base": "bundled"})
    assert (made.state, made.attempt, made.message) == (RunState.QUEUED, 0, "")
    assert made.settings == {"epochs": 3, "base": "bundled"}
    assert (made.started_at, made.finished_at, made.pid) == (None, None, None)
    assert runs.get_run(db, made.id) == made
    second = runs.create_run(db, project.id, {})
    assert runs.list_runs(db, project.id) == runs.list_runs(db) == [second, made]
    assert runs.list_runs(db, 99) == []


def test_the_oldest_queued_run_is_claimed_first(db, project):
    first, second = (runs.create_run(db, project.id, {}).id for _ in range(2))
    claimed = runs.claim_next(db)
    assert (claimed.id, claimed.state, claimed.attempt) == (first, RunState.STARTING, 1)
    assert claimed.started_at is not None
    assert [each.id for each in runs.active_runs(db)] == [first]
    assert runs.claim_next(db).id == second
    assert runs.claim_next(db) is None


def test_asking_an_empty_queue_takes_no_writers_turn(db, project, home):
    with place.lock(home / "write.lock"):
        assert runs.claim_next(db) is None


def test_the_process_of_a_run_is_recorded(db, run):
    runs.set_process(db, run, 4321, 1234.5678, "boot")
    found = runs.get_run(db, run)
    assert (found.pid, found.pid_started, found.boot_id) == (4321, 1234.5678, "boot")


def test_a_final_state_stays(db, run):
    assert runs.set_state(db, run, RunState.RUNNING)
    assert runs.set_state(db, run, RunState.FAILED, "the training process died")
    found = runs.get_run(db, run)
    assert (found.state, found.message) == (RunState.FAILED, "the training process died")
    assert found.finished_at is not None
    assert not runs.set_state(db, run, RunState.DONE)
    assert runs.get_run(db, run) == found
    assert runs.active_runs(db) == []


def test_a_queued_run_is_cancelled_at_once(db, project):
    made = runs.create_run(db, project.id, {})
    runs.request_cancel(db, made.id)
    assert runs.get_run(db, made.id).state == RunState.CANCELLED
    assert runs.claim_next(db) is None


def test_a_run_that_has_begun_is_asked_to_stop(db, run):
    assert not runs.cancel_requested(db, run)
    runs.request_cancel(db, run)
    assert runs.cancel_requested(db, run)
    assert runs.get_run(db, run).state == RunState.STARTING


def test_who_cancels_without_keeping_has_the_last_word(db, run):
    runs.request_cancel(db, run, keep=True)
    assert runs.cancel_requested(db, run) and runs.cancel_keeps(db, run)
    runs.request_cancel(db, run)
    assert runs.cancel_requested(db, run) and not runs.cancel_keeps(db, run)
    runs.request_cancel(db, run, keep=True)
    assert not runs.cancel_keeps(db, run)


def test_a_certain_run_is_claimed_once(db, project):
    _, second = (runs.create_run(db, project.id, {}).id for _ in range(2))
    assert [each.id for each in runs.queued_runs(db)] == [1, 2]
    claimed = runs.claim(db, second)
    assert (claimed.id, claimed.state, claimed.attempt) == (second, RunState.STARTING, 1)
    assert runs.claim(db, second) is None
    assert [each.id for each in runs.queued_runs(db)] == [1]


def test_a_run_that_goes_on_can_say_something(db, run):
    runs.set_message(db, run, "No sign of life.")
    assert runs.get_run(db, run).message == "No sign of life."
    runs.set_state(db, run, RunState.FAILED, "gone")
    runs.set_message(db, run, "too late")
    assert runs.get_run(db, run).message == "gone"


def test_a_run_that_has_ended_cannot_be_cancelled(db, run):
    runs.set_state(db, run, RunState.DONE)
    runs.request_cancel(db, run)
    assert not runs.cancel_requested(db, run)
    assert runs.get_run(db, run).state == RunState.DONE


@pytest.mark.parametrize("ended", [RunState.FAILED, RunState.CANCELLED, None])
def test_a_run_that_did_not_finish_can_be_queued_again(db, run, ended):
    runs.set_process(db, run, 1, 2.0, "boot")
    runs.request_cancel(db, run, keep=True)
    if ended:
        runs.set_state(db, run, ended, "gone")
    again = runs.requeue(db, run)
    assert (again.state, again.message, again.pid, again.boot_id) == (RunState.QUEUED, "", None, "")
    assert again.finished_at is None
    assert not runs.cancel_requested(db, run) and not runs.cancel_keeps(db, run)
    assert runs.claim_next(db).attempt == 2


def test_a_finished_run_is_not_run_again(db, run):
    runs.set_state(db, run, RunState.DONE)
    with pytest.raises(RefusedError, match=f"Run {run} is done: start a new run instead"):
        runs.requeue(db, run)


def test_who_resumes_a_run_cannot_take_it_from_its_worker(db, run):
    for state_now in (RunState.STARTING, RunState.RUNNING):
        runs.set_state(db, run, state_now)
        with pytest.raises(RefusedError, match=f"Run {run} is {state_now}: watch it, or cancel"):
            runs.requeue(db, run, ended=True)
    runs.set_state(db, run, RunState.FAILED)
    runs.requeue(db, run, ended=True)
    with pytest.raises(RefusedError, match="is queued"):
        runs.requeue(db, run, ended=True)


def test_events_in_a_new_folder_are_read_from_their_beginning(db, run):
    run_events.ingest(db, run, 0, 100, [metric(1)])
    before = runs.get_run(db, run).folder
    assert runs.rename_folder(db, run).folder == runs.get_run(db, run).folder != before
    assert run_events.events_offset(db, run) == 0
    run_events.ingest(db, run, 0, 40, [metric(1, 0.25)])
    assert losses(db, run) == [(1, 0.25)]


def test_events_become_state_progress_and_metrics(db, run):
    progress = {"kind": "progress", "attempt": 1, "epoch": 1, "step": 5, "steps": 9}
    events = [
        state("running"),
        progress | {"step": 4},
        progress,
        metric(1),
        {"kind": "log", "attempt": 1, "text": "hello"},
        {"kind": "heartbeat", "attempt": 1},
        {"kind": "something later versions write", "attempt": 1},
    ]
    assert run_events.ingest(db, run, 0, 700, events)
    found = runs.get_run(db, run)
    assert (found.state, found.progress) == (RunState.RUNNING, progress)
    assert losses(db, run) == [(1, 0.5)]
    assert run_events.events_offset(db, run) == 700
    run_events.ingest(db, run, 700, 800, [metric(2, 0.25), state("done", message="well")])
    found = runs.get_run(db, run)
    assert (found.state, found.message, found.finished_at) == (RunState.DONE, "well", "2026-01-01")
    assert losses(db, run) == [(1, 0.5), (2, 0.25)]


def test_the_same_bytes_are_taken_in_once(db, run):
    assert run_events.ingest(db, run, 0, 100, [metric(1)])
    assert not run_events.ingest(db, run, 0, 100, [metric(1, 9.0), state("failed")])
    assert not run_events.ingest(db, run, 0, 50, [metric(7)])
    assert losses(db, run) == [(1, 0.5)]
    assert runs.get_run(db, run).state == RunState.STARTING


@pytest.mark.parametrize(("before", "after"), [(120, 200), (50, 200)])
def test_bytes_that_are_not_the_next_ones_are_refused(db, run, before, after):
    run_events.ingest(db, run, 0, 100, [metric(1)])
    with pytest.raises(StorageError, match="stored up to byte 100, not"):
        run_events.ingest(db, run, before, after, [metric(2)])
    assert losses(db, run) == [(1, 0.5)]
    assert run_events.events_offset(db, run) == 100


def test_a_failing_batch_of_events_is_taken_in_not_at_all(db, run):
    with pytest.raises(ValueError, match="exploded"):
        run_events.ingest(db, run, 0, 100, [metric(1), state("exploded")])
    assert losses(db, run) == []
    assert run_events.events_offset(db, run) == 0


def test_a_stale_worker_changes_nothing(db, run):
    runs.requeue(db, run)
    runs.claim_next(db)
    assert run_events.ingest(db, run, 0, 100, [metric(1, attempt=1), state("done", attempt=1)])
    found = runs.get_run(db, run)
    assert (found.attempt, found.state) == (2, RunState.STARTING)
    assert losses(db, run) == []
    assert run_events.events_offset(db, run) == 100, "its bytes are behind us all the same"


def test_events_after_the_end_change_nothing(db, run):
    runs.set_state(db, run, RunState.FAILED, "the training process died")
    run_events.ingest(db, run, 0, 100, [state("done"), metric(1)])
    assert runs.get_run(db, run).message == "the training process died"
    assert losses(db, run) == []


def test_a_new_attempt_replaces_the_epochs_it_repeats(db, run):
    run_events.ingest(db, run, 0, 100, [metric(1), metric(2), metric(3)])
    runs.requeue(db, run)
    runs.claim_next(db)
    run_events.ingest(db, run, 100, 200, [metric(2, 0.1, attempt=2)])
    assert losses(db, run) == [(1, 0.5), (2, 0.1)]


def test_a_run_that_is_not_there_is_named(db):
    for call in (
        lambda: runs.get_run(db, 5),
        lambda: runs.set_process(db, 5, 1, 1.0, ""),
        lambda: runs.set_state(db, 5, RunState.DONE),
        lambda: runs.request_cancel(db, 5),
        lambda: runs.cancel_requested(db, 5),
        lambda: runs.cancel_keeps(db, 5),
        lambda: runs.set_message(db, 5, "?"),
        lambda: runs.rename_folder(db, 5),
        lambda: runs.mark_frozen(db, 5),
        lambda: runs.set_note(db, 5, "?"),
        lambda: runs.delete_run(db, 5),
        lambda: runs.requeue(db, 5),
        lambda: run_events.ingest(db, 5, 0, 1, []),
        lambda: run_events.events_offset(db, 5),
        lambda: run_events.metrics(db, 5),
    ):
        with pytest.raises(NotFoundError, match="There is no run 5: choose one"):
            call()


def test_a_tally_is_another_when_a_run_begins_ends_or_goes(db, project):
    seen = [runs.tally(db)]
    assert seen[0] == (0, 0, "", "")
    run = runs.create_run(db, project.id, {})
    seen.append(runs.tally(db))
    runs.claim_next(db)
    assert runs.tally(db).live == 1
    runs.set_state(db, run.id, RunState.DONE)
    seen.append(runs.tally(db))
    runs.create_run(db, project.id, {})
    seen.append(runs.tally(db))
    runs.delete_run(db, run.id)
    seen.append(runs.tally(db))
    assert [each.live for each in seen] == [0, 1, 0, 1, 1]
    assert len(set(seen)) == len(seen)


def test_the_states_of_a_projects_runs_are_told_by_id(db, project):
    ids = [runs.create_run(db, project.id, {}).id for _ in range(2)]
    runs.claim_next(db)
    assert runs.states(db, project.id) == {ids[0]: RunState.STARTING, ids[1]: RunState.QUEUED}
    assert runs.states(db, project.id + 1) == {}


def test_of_many_runs_those_are_read_that_are_meant(db, project):
    made = [runs.create_run(db, project.id, {"monitor": n % 2}) for n in range(5)]
    looks = runs.create_run(db, project.id, {}, "inspection", numbered=False, model_of=made[1].id)
    for _ in range(3):
        runs.set_state(db, runs.claim_next(db).id, RunState.DONE)
    ids = [run.id for run in made]

    def listed(most=None, **which):
        return [run.id for run in runs.list_runs(db, project.id, runs.Which(**which), most)]

    assert listed(most=2) == [looks.id, ids[4]]
    assert listed(kinds=["inspection"]) == listed(model_of=ids[1]) == [looks.id]
    assert listed(states=[RunState.DONE]) == listed(ended=True) == ids[2::-1]
    assert listed(ended=False, numbered=True) == ids[:2:-1]
    assert listed(numbered=False) == [looks.id]
    assert listed(before=ids[2]) == ids[1::-1]
    assert listed(monitor=1) == [ids[3], ids[1]]
    assert listed(kinds=[]) == []
    assert runs.count_runs(db, project.id) == 6
    assert runs.count_runs(db, project.id, ids[4]) == 2
    assert list(runs.states(db, project.id, 2)) == [looks.id, ids[4]]
    assert runs.list_runs(db, project.id + 1) == []
