"""Workers on this computer: what they are told, that they are alone, and that all of them end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.configuration.settings import Settings
from engine.launchers import Local, base, local, processes
from engine.runs import spec
from engine.system import environment
from storage.errors import TrainingError
from tests.engine.folders import below, kinds, prepare, states, wait_for
from tests.workers.stand_ins import Running

SETTINGS = Settings(epochs=1000, max_length=48, stride=16, threads=1, device="cpu", dropout=0.0)


def test_one_process_is_told_which_lock_it_holds(tmp_path: Path) -> None:
    assert local.command(tmp_path, 1) == [sys.executable, "-m", "engine.worker", str(tmp_path)]
    told = local.variables(1, 7, ())
    assert told["WHETSTONE_LOCK_FD"] == "7" and "WHETSTONE_LOCK_HELD" not in told
    assert environment.FIXED.items() <= told.items()


def test_several_processes_run_under_torchrun_which_holds_the_lock(tmp_path: Path) -> None:
    command = local.command(tmp_path, 3)
    assert command[:3] == [sys.executable, "-m", "torch.distributed.run"]
    assert command[command.index("--nproc-per-node") + 1] == "3"
    assert command[-3:] == ["-m", "engine.worker", str(tmp_path)]
    told = local.variables(3, 7, ("GPU-a", "GPU-b"))
    assert told["WHETSTONE_LOCK_HELD"] == "1" and "WHETSTONE_LOCK_FD" not in told
    assert told["CUDA_VISIBLE_DEVICES"] == "GPU-a,GPU-b"


def test_a_folder_that_is_held_is_refused(bert: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path, bert, SETTINGS)
    script = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); "
    script += "print('held', flush=True); input()"
    command = [sys.executable, "-c", script, str(folder / "worker.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert Local().is_alive(folder)
        with pytest.raises(TrainingError, match="Another process is already training"):
            Local().start(folder, spec.read(folder), ())
        holder.kill()
    assert not Local().is_alive(folder)
    assert base.read(folder) is None


def test_a_worker_that_cannot_begin_leaves_its_reason_as_last_words(
    bert: Path, tmp_path: Path
) -> None:
    folder = prepare(tmp_path, bert, SETTINGS)
    Running(sys.executable, "-m", "nowhere").start(folder, spec.read(folder), ())
    wait_for(lambda: not Local().is_alive(folder))
    assert "No module named nowhere" in Local().last_words(folder)
    Running("true").start(folder, replace(spec.read(folder), attempt=3), ("GPU-a",))
    wait_for(lambda: not Local().is_alive(folder))
    assert Local().last_words(folder) == "", "an earlier attempt's words are not this one's"
    assert base.read(folder) == base.Launch(3, "local", ("GPU-a",))


def test_a_wish_to_stop_is_never_seen_half_written(tmp_path: Path) -> None:
    assert base.flag(tmp_path, base.KEEP)
    assert not base.flag(tmp_path, base.KEEP)
    assert (tmp_path / "cancel").read_text() == "keep"
    assert base.flag(tmp_path, "")
    assert (tmp_path / "cancel").read_text() == ""
    assert os.listdir(tmp_path) == ["cancel"]


@pytest.mark.long
def test_a_kill_ends_every_process_of_a_run_also_stopped_ones(bert: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path, bert, replace(SETTINGS, processes=2))
    identity = Local().start(folder, spec.read(folder), ())
    try:
        wait_for(lambda: kinds(folder, "progress") or states(folder)[1:])
        workers = below(identity.pid, str(folder))
        assert len(workers) == 2 and Local().is_alive(folder), (folder / "worker.log").read_text()
        workers[0].send_signal(signal.SIGSTOP)
        Local().kill(folder, identity)
        _, alive = psutil.wait_procs(workers, timeout=240)
        assert not alive
        wait_for(lambda: not Local().is_alive(folder))
    finally:
        processes.kill(identity)


@pytest.mark.long
def test_no_process_of_a_run_outlives_torchrun(bert: Path, tmp_path: Path) -> None:
    folder = prepare(tmp_path, bert, replace(SETTINGS, processes=2))
    identity = Local().start(folder, spec.read(folder), ())
    try:
        wait_for(lambda: kinds(folder, "progress") or states(folder)[1:])
        workers = psutil.Process(identity.pid).children(recursive=True)
        assert len(workers) >= 2, (folder / "worker.log").read_text()
        os.kill(identity.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(workers, timeout=240)
        assert not alive
    finally:
        processes.kill(identity)
