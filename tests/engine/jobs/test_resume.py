"""kill -9 at any moment: the next attempt goes on, and ends at the same bits."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.runs import checkpoints, events, spec
from engine.training import checkpointing
from tests.engine import killing
from tests.engine.folders import fit, kinds, prepare, start_command, states, wait_for
from tests.workers import forking

# 25 training sentences in batches of 8, two epochs, two seeds; the first seed's checkpoints
# come first, then the finished member, then the second seed's.
STEPS = 8
MEMBER = STEPS + 1
MODEL = 2 * MEMBER + 1
# An older model/ is put aside only where one is there already.
EVERY = [name for name in checkpoints.POINTS if name != "aside"]
# Each run is killed again and again: to begin anew takes longer than to go on.
SHORT: list[list[list[Any]]] = [
    [["point", name, count] for name, count in zip(EVERY, (1, 1, 3, 4, 5, 6), strict=True)],
    # The second attempt has one member left: 1 + MEMBER, then the model.
    [["point", "filled", MEMBER], ["point", "sealed", MEMBER + 2]],
    [["point", "swept", MODEL], ["point", "aside", 1]],
]
AT_POINTS: list[list[list[Any]]] = [
    [["point", name, 1] for name in EVERY],
    [["point", name, 5] for name in EVERY[::2]],
    [["point", name, 5] for name in EVERY[1::2]],
    *([["point", name, MEMBER]] for name in ("filled", "sealed", "named")),
    [["point", "sealed", MODEL]],
    [["point", "swept", MODEL], ["point", "aside", 1]],
    [["point", "sealed", 2], ["point", "named", 1], ["point", "filled", MEMBER]],
]


def try_plans(base: Path, folder: Path, plans: list, task: str = "spans", **settings: Any) -> dict:
    """Run the plans in one process that forks a worker for every attempt."""
    asked = {"base": str(base), "folder": str(folder), "settings": settings, "plans": plans}
    names = ("input", "log", "output")
    paths = {name: folder.with_name(f"{folder.name}.{name}") for name in names}
    paths["input"].write_text(json.dumps({**asked, "task": task}))
    with ExitStack() as opened:
        files = {n: opened.enter_context(p.open("a+")) for n, p in paths.items()}
        files["input"].seek(0)
        handed = {name: file.fileno() for name, file in files.items()}
        done = forking.fork(["tests.engine.killing"], os.environ, handed)
    assert done.wait(600) == 0, paths["log"].read_text()
    return json.loads(paths["output"].read_text())


def check(found: dict) -> int:
    """Compare every killed run with the undisturbed one; return how many kills there were."""
    for one in found["killed"]:
        plan, hits = one.pop("plan"), one.pop("hits")
        assert one == found["undisturbed"], f"killed by {plan}, {hits} hits"
    return len(found["killed"])


@pytest.mark.parametrize(
    "plans",
    [pytest.param(SHORT, id="short"), pytest.param(AT_POINTS, id="whole", marks=pytest.mark.long)],
)
def test_killed_at_every_point_of_the_protocol_it_ends_at_the_same_bits(
    bert: Path, tmp_path: Path, plans: list[list[list[Any]]], say: Callable[[str], None]
) -> None:
    found = try_plans(bert, tmp_path / "run", plans)
    hits = [(one["plan"], one["hits"]) for one in found["killed"]]
    assert all(count == len(plan) for plan, count in hits), hits
    tried = check(found)
    assert {kill[1] for plan in plans for kill in plan} == set(checkpoints.POINTS)
    say(f"killed at named points: {sum(map(len, plans))} in {tried} runs")


@pytest.mark.long
@pytest.mark.parametrize("count", [50])
def test_killed_at_random_instants_it_ends_at_the_same_bits(
    bert: Path, tmp_path: Path, count: int, say: Callable[[str], None]
) -> None:
    seed = random.randrange(10**6)
    choose = random.Random(seed)
    plans = [[["after", choose.random()]] for _ in range(count)]
    found = try_plans(bert, tmp_path / "run", plans)
    assert [one["hits"] for one in found["killed"]] == [1] * count
    check(found)
    say(f"killed at random instants: {count} (seed {seed})")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"peft": "adalora", "peft_rank": 4, "epochs": 4}, marks=pytest.mark.long),
        pytest.param({"peft": "lora", "peft_rank": 4}, marks=pytest.mark.long),
        pytest.param({"word_shapes": "learned", "frozen_layers": 1}, marks=pytest.mark.long),
        pytest.param(
            {"frozen_layers": 1, "accumulation": 2, "empty_share": 0.5}, marks=pytest.mark.long
        ),
        pytest.param(
            {"class_weights": 0.5, "head_rate": 5.0, "patience": 1}, marks=pytest.mark.long
        ),
    ],
)
def test_whatever_learns_it_goes_on_to_the_same_bits(
    bert: Path, tmp_path: Path, settings: dict
) -> None:
    plans = [[["point", "begun", 4]], [["point", "named", 3], ["point", "sealed", 4]]]
    found = try_plans(bert, tmp_path / "run", plans, seeds=1, **settings)
    assert [one["hits"] for one in found["killed"]] == [1, 2]
    check(found)


@pytest.mark.long
@pytest.mark.parametrize("task", ["classes", "multilabel", "pairs"])
def test_a_killed_run_of_every_task_ends_at_the_same_bits(
    bert: Path, tmp_path: Path, task: str
) -> None:
    plans = [[["point", "begun", 4]], [["point", "named", 3], ["point", "sealed", 4]]]
    check(try_plans(bert, tmp_path / "run", plans, task, seeds=1))


@pytest.mark.parametrize(
    "task",
    ["classes", *(pytest.param(each, marks=pytest.mark.long) for each in ("multilabel", "pairs"))],
)
def test_a_run_of_every_task_repeats_itself_and_goes_on_to_the_same_bits(
    bert: Path, tmp_path: Path, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(killing.SETTINGS, seeds=1)
    whole, broken = (
        prepare(tmp_path / name, bert, settings, task=task) for name in ("whole", "broken")
    )
    fit(whole)
    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "reached", interrupt("sealed", 6))
        with pytest.raises(InterruptedError):
            fit(broken)
    assert checkpoints.newest(broken / checkpointing.FOLDER)
    killing.go_on(broken)
    fit(broken)
    assert any(line["message"].startswith("Going on") for line in kinds(broken, "log"))
    one, other = (killing.digest(folder) for folder in (whole, broken))
    assert {**one["report"], "attempt": 0} == {**other["report"], "attempt": 0}
    assert {**one, "report": None} == {**other, "report": None}


def interrupt(name: str, count: int) -> Callable[[str], None]:
    """Return what breaks off a run when it reaches a point for the ``count``-th time."""
    seen: list[str] = []

    def reached(point: str) -> None:
        seen.append(point)
        if point == name and seen.count(name) == count:
            raise InterruptedError

    return reached


@pytest.mark.long
def test_the_command_itself_goes_on_after_a_kill(bert: Path, tmp_path: Path) -> None:
    # So long that it does not end before it is killed, however late that comes.
    settings = replace(killing.SETTINGS, epochs=1000)
    folder = prepare(tmp_path / "run", bert, settings)
    process = start_command(folder)
    shelf = folder / checkpointing.FOLDER
    wait_for(lambda: checkpoints.newest(shelf))
    process.kill()
    process.wait()
    assert [state for state, _ in states(folder)] == ["running"]
    killing.go_on(folder)
    again = start_command(folder)
    wait_for(lambda: len(states(folder)) == 2)
    (folder / "cancel").write_text("keep")
    assert again.wait(240) == 0
    assert states(folder)[-1][0] == "done"
    said = [line["message"] for line in kinds(folder, "log")]
    assert any(line.startswith("Going on from step ") for line in said)
    assert not shelf.exists()
    attempts = {event["attempt"] for event in events.read(folder / events.FILE)[0]}
    assert attempts == {spec.read(folder).attempt - 1, spec.read(folder).attempt}


def test_a_damaged_checkpoint_gives_way_to_the_one_before_it(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepare(tmp_path / "run", bert, killing.SETTINGS)
    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "reached", interrupt("begun", 6))
        with pytest.raises(InterruptedError):
            fit(folder)
    shelf = folder / checkpointing.FOLDER
    names = sorted(path.name for path in shelf.iterdir() if not path.name.startswith("."))
    assert names == ["001-000000004", "001-000000005"]
    (shelf / names[1] / checkpointing.TENSORS).write_bytes(b"damaged")
    assert checkpoints.newest(shelf) == shelf / names[0]
