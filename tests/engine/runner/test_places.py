"""Which waiting run may start: decided from the queue, the living runs and the GPUs alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.runner.machines.places import Start, check, in_the_way, next_start
from storage.errors import TrainingError
from storage.types import Run, RunKind, RunState

TWO = ("GPU-a", "GPU-b")
Held = tuple[Run, Sequence[str]]


def run(number: int, kind: str = RunKind.TRAINING, **settings: object) -> Run:
    return Run(number, 1, RunState.QUEUED, 1, settings, {}, "", "", None, None, kind=kind)


def starting(queued: list[Run], active: Sequence[Held], gpus: Sequence[str]) -> tuple | None:
    found = next_start(queued, active, gpus)
    return (found.run.id, found.gpus) if found else None


def test_without_a_gpu_one_run_trains_at_a_time() -> None:
    assert starting([run(1), run(2)], [], ()) == (1, ())
    assert starting([run(2)], [(run(1), ())], ()) is None
    assert starting([run(2, processes=4)], [], ()) == (2, ())
    assert starting([], [], ()) is None


def test_each_gpu_gets_a_run_of_its_own() -> None:
    first, second, third = run(1), run(2), run(3)
    assert starting([first, second], [], TWO) == (1, ("GPU-a",))
    assert starting([second], [(first, ("GPU-a",))], TWO) == (2, ("GPU-b",))
    both = [(first, ("GPU-a",)), (second, ("GPU-b",))]
    assert starting([third], both, TWO) is None
    assert starting([third], both[1:], TWO) == (3, ("GPU-a",))


def test_a_run_of_several_processes_takes_as_many_gpus() -> None:
    assert starting([run(1, processes=2)], [], TWO) == (1, TWO)
    assert starting([run(2)], [(run(1, processes=2), TWO)], TWO) is None


def test_who_waits_for_two_gpus_is_not_overtaken_for_ever() -> None:
    queued, active = [run(2, processes=2), run(3)], [(run(1), ("GPU-a",))]
    assert starting(queued, active, TWO) is None
    assert starting(queued, [], TWO) == (2, TWO)


def test_a_run_on_the_cpu_waits_only_for_its_like() -> None:
    on_cpu = [run(2, device="cpu"), run(3)]
    assert starting(on_cpu, [(run(1), ("GPU-a",))], TWO) == (2, ())
    assert starting(on_cpu, [(run(1, device="cpu"), ())], TWO) == (3, ("GPU-a",))


def test_runs_for_a_cluster_wait_for_nobody_here() -> None:
    away, local = run(2, launcher="ray"), run(3)
    assert starting([local, away], [(run(1), ())], ()) == (2, ())
    assert starting([local], [(away, ())], ()) == (3, ())
    assert starting([run(4, launcher="ray")], [(away, ()), (run(1), ())], ()) == (4, ())


def test_a_gpu_run_that_nobody_noted_may_be_on_any_gpu() -> None:
    assert starting([run(2)], [(run(1), ())], TWO) is None


def test_who_wants_more_gpus_than_there_are_is_told_and_does_not_block_the_queue() -> None:
    greedy = run(1, processes=3)
    assert starting([greedy, run(2)], [(run(0), ("GPU-a",))], TWO)[0] == 1
    with pytest.raises(TrainingError, match="3 processes with a GPU each, and this computer has 2"):
        check(Start(greedy), TWO)
    check(Start(run(1, processes=2), TWO), TWO)
    check(Start(run(1, processes=3, device="cpu")), TWO)
    check(Start(run(1, processes=3)), ())


def test_what_runs_in_the_background_comes_after_all_that_people_wait_for() -> None:
    assert starting([run(1, RunKind.SUGGESTIONS), run(2)], [], ()) == (2, ())
    assert starting([run(1, RunKind.SUGGESTIONS)], [], ()) == (1, ())


def test_it_is_in_the_way_only_of_what_people_wait_for_at_its_place() -> None:
    own = run(1, RunKind.SUGGESTIONS)
    assert in_the_way([run(2)], [own], ()) == [own]
    assert in_the_way([run(3, RunKind.SUGGESTIONS)], [own], ()) == []
    assert in_the_way([run(2)], [run(1)], ()) == []
    assert in_the_way([run(2, launcher="ray")], [own], ()) == []
    assert in_the_way([run(2, device="cpu")], [own], TWO) == []
