"""Several processes that train together, against one that trains alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from engine.training.distributed import Group
from tests.engine import folders
from tests.engine.folders import ROOT, below, kinds, prepare, read_report, states, wait_for

# The last batch of an epoch holds a single window: one process then has nothing to do.
ALIKE = replace(folders.SETTINGS, epochs=3, learning_rate=1e-3, dropout=0.0, checkpoint_seconds=0)
# Accelerate starts several processes without MPI only as "multi_gpu"; gloo serves CPUs as well.
LAUNCHERS = {
    "torchrun": "torch.distributed.run --standalone --nproc-per-node 2",
    "accelerate": "accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 "
    "--mixed_precision no --dynamo_backend no --main_process_port 0",
}


def launch(folder: Path, launcher: str = "torchrun", **values: Any) -> subprocess.Popen:
    command = [sys.executable, "-m", *LAUNCHERS[launcher].split(), "-m", "engine.worker"]
    command.append(str(folder))
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, **values)


def weights(folder: Path) -> dict:
    return load_file(folder / "model" / "model.safetensors")


@pytest.fixture(scope="module")
def alone(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = prepare(tmp_path_factory.mktemp("alone") / "run", bert, ALIKE)
    assert folders.start(folder).wait(240) == 0
    return folder


@pytest.mark.long
@pytest.mark.parametrize("launcher", ["torchrun", "accelerate"])
def test_two_processes_end_at_the_weights_of_one(
    alone: Path, bert: Path, tmp_path: Path, launcher: str, say: Callable[[str], None]
) -> None:
    folder = prepare(tmp_path / "run", bert, ALIKE)
    process = launch(folder, launcher)
    _, said = process.communicate(timeout=480)
    assert process.returncode == 0, said
    assert [state for state, _ in states(folder)] == ["running", "done"]
    one, two = weights(alone), weights(folder)
    farthest = max(float((tensor - two[name]).abs().max()) for name, tensor in one.items())
    say(f"two processes against one, {launcher}: largest difference {farthest:.1e}")
    assert farthest < 1e-5
    # They did move, by much more than that.
    base = load_file(bert / "model.safetensors")
    name = "bert.encoder.layer.0.output.dense.weight"
    assert float((one[name] - base[name]).abs().max()) > 1e-3
    reports = [read_report(place) for place in (alone, folder)]
    assert [report["processes"] for report in reports] == [1, 2]
    assert reports[0]["history"][-1]["loss"] == pytest.approx(
        reports[1]["history"][-1]["loss"], rel=1e-4
    )


@pytest.mark.long
def test_a_wish_to_stop_reaches_all_processes(bert: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run", bert, replace(ALIKE, epochs=1000))
    process = launch(folder)
    wait_for(lambda: any(p["step"] > 3 for p in kinds(folder, "progress")))
    (folder / "cancel").touch()
    wait_for(lambda: len(states(folder)) == 2)
    assert states(folder)[-1] == ("cancelled", "Cancelled.")
    process.communicate(timeout=240)


def test_alone_a_group_does_nothing() -> None:
    group = Group()
    assert group.leads and group.share([3, 1, 2]) == [3, 1, 2]
    assert group.agree(True, False) == [True, False]
    assert group.tell("x") == "x"


def test_shares_are_disjoint_and_complete() -> None:
    shares = [Group(rank, 3).share(range(10)) for rank in range(3)]
    assert sorted(item for share in shares for item in share) == list(range(10))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.long
def test_where_one_process_dies_the_run_fails_and_says_why(bert: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run", bert, replace(ALIKE, epochs=1000))
    process = launch(folder, env={**os.environ, "WHETSTONE_LOCK_HELD": "1"})
    wait_for(lambda: any(p["step"] > 3 for p in kinds(folder, "progress")))
    (pid,) = [event["pid"] for event in kinds(folder, "state")]
    (other,) = [rank for rank in below(process.pid, "engine.worker") if rank.pid != pid]
    other.kill()
    wait_for(lambda: len(states(folder)) == 2)
    state, message = states(folder)[-1]
    assert state == "failed"
    # Our own words, or what the system says of a connection whose other end is gone.
    assert any(word in message for word in ("resume", "peer", "pipe")), message
    process.communicate(timeout=240)
