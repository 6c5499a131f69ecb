"""Which machine takes a run: the one that has what it asks for, and only one of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.runner import why
from engine.runner.machines import needs
from storage.machines import identity, machines
from storage.machines.machines import Machine
from storage.types import RunState
from tests.engine.runner.machines.conftest import Two
from tests.storage.server import needs_postgres

pytestmark = needs_postgres


def test_each_machine_works_on_one_run_and_follows_only_its_own(two: Two) -> None:
    first, second = two.start("first"), two.start("second")
    one, other, third = (two.queue() for _ in range(3))
    for runner in (first, second, first, second):
        runner.step()
    assert [two.run(run).machine for run in (one, other)] == [first.machine.id, second.machine.id]
    assert two.run(third).state is RunState.QUEUED
    two.workers.living[other.id].state("done")
    first.step()
    assert two.run(other).state is RunState.RUNNING, "that is the other machine's to read"
    assert first.leading and not second.leading


def test_a_run_waits_for_a_machine_with_its_tags(two: Two) -> None:
    plain, big = two.start("plain"), two.start("big", tags=("big", "gpu"))
    run = two.queue(tags="big")
    plain.step()
    assert two.run(run).state is RunState.QUEUED
    said = why(two.db, run)
    assert said.startswith("Waits for a machine with the tag big, and none is there: start one")
    big.step()
    assert two.run(run).machine == big.machine.id


def test_memory_is_what_other_runs_have_not_asked_for(two: Two) -> None:
    large, larger = two.queue(memory=20), two.queue(memory=40.0)
    machine = Machine("a", "a", "boot", memory=32 * needs.GIGABYTE)
    assert needs.takes(machine, (), large, ())
    assert not needs.takes(machine, (), large, [large])
    assert not needs.takes(machine, (), larger, ())


def test_gpus_are_left_to_the_machine_that_has_them(two: Two) -> None:
    plain, rich = two.start("plain"), two.start("rich", gpus=("0", "1"))
    rich.step()
    plain.step()
    run = two.queue(device="cuda", processes=2)
    plain.step()
    assert two.run(run).state is RunState.QUEUED
    rich.step()
    assert two.run(run).machine == rich.machine.id
    assert two.workers.gpus[run.id] == ("0", "1")


def test_gpus_that_nobody_has_are_said_to_be_missing_at_once(two: Two) -> None:
    rich = two.start("rich", gpus=("0",))
    run = two.queue(device="cuda", processes=2)
    rich.step()
    assert "this computer has 1" in two.run(run).message


def test_a_machine_that_sees_another_home_serves_nothing_and_says_why(
    two: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = two.start("first"), two.start("other")
    first.step()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "elsewhere"))
    run = two.queue()
    other.step()
    assert two.run(run).state is RunState.QUEUED
    assert other.machine.trouble.startswith("It sees another home folder than first, which serves")
    known = {one.name: one.trouble for one in machines.list_machines(two.db)}
    assert known["other"] == other.machine.trouble and not known["first"]


def test_a_second_process_of_a_machine_stands_by(two: Two) -> None:
    first = two.start("same")
    first.step()
    second = two.start("same")
    assert second.machine.id == first.machine.id
    run = two.queue()
    second.step()
    assert two.run(run).state is RunState.QUEUED
    first.release()
    second.step()
    assert two.run(run).machine == second.machine.id


def test_who_a_machine_is_lies_on_its_own_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHETSTONE_MACHINE", str(tmp_path / "a"))
    found = identity.own_id()
    assert found == identity.own_id() and found.startswith(f"{identity.name()}-")
    monkeypatch.setattr(identity, "name", lambda: "other")
    assert identity.own_id() != found, "one disk, two machines"
    monkeypatch.undo()


def test_what_is_asked_for_is_all_of_it() -> None:
    asked = needs.Needs(frozenset({"a"}), 10, 1)
    fits = Machine("a", "a", "", tags=("a", "b"), memory=10, gpus=("0",))
    assert asked.met_by(fits)
    for lacks in ({"tags": ()}, {"memory": 9}, {"gpus": ()}):
        assert not asked.met_by(replace(fits, **lacks))
