"""A worker that was replaced writes nothing any more."""

from __future__ import annotations

import hashlib
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from engine import worker
from engine.runs import spec
from engine.runs.fence import Fence, Superseded
from tests.engine import folders, killing
from tests.engine.folders import kinds, prepare, said, start, states, wait_for


def test_a_fence_opens_only_for_the_attempt_that_owns_the_folder(
    bert: Path, tmp_path: Path
) -> None:
    folder = prepare(tmp_path / "run", bert)
    Fence(folder, 2).check()
    for other in (1, 3):
        with pytest.raises(Superseded, match="Attempt 2 has taken over"):
            Fence(folder, other).check()


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != worker.LOG
    }


def test_a_frozen_worker_that_wakes_up_late_changes_nothing(bert: Path, tmp_path: Path) -> None:
    settings = replace(folders.SETTINGS, epochs=1000, checkpoint_seconds=0)
    folder = prepare(tmp_path / "run", bert, settings)
    frozen = start(folder)
    wait_for(lambda: any(p["step"] > 5 for p in kinds(folder, "progress")))
    os.kill(frozen.pid, signal.SIGSTOP)
    # On shared storage its lock is not seen by the machine that takes over.
    (folder / worker.LOCK).unlink()
    killing.go_on(folder)
    owner = spec.read(folder)
    spec.write(folder, replace(owner, settings=replace(settings, epochs=2)))
    assert start(folder).wait(240) == 0
    assert states(folder)[-1][0] == "done"
    before, lines = contents(folder), (folder / "events.jsonl").read_text().splitlines()
    os.kill(frozen.pid, signal.SIGCONT)
    assert frozen.wait(240) == worker.SUPERSEDED
    assert "Attempt 3 has taken over from attempt 2." in said(folder)
    assert (folder / "events.jsonl").read_text().splitlines()[len(lines) :] == []
    assert contents(folder) == before
