"""A full disk: the run waits, says what it needs, and goes on when there is space."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.runs import checkpoints, events
from engine.runs.events import Cancelled, Events
from engine.system import disk
from engine.training import checkpointing
from tests.engine import folders
from tests.engine.folders import kinds, prepare, start, states, wait_for

ROOM = 6_000_000
WAITING = "waiting for disk space"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a real file system of 6 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be made by root only")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill_up(place: Path, leave: int) -> Path:
    """Take all space but so many bytes."""
    hog = place / "hog"
    hog.write_bytes(b"x" * (os.statvfs(place).f_bavail * os.statvfs(place).f_frsize - leave))
    return hog


class Waiter:
    """Frees the disk after being asked a few times, as a person would."""

    def __init__(self, hog: Path | None, patience: int = 2) -> None:
        self.hog, self.patience, self.asked = hog, patience, 0
        self.said: list[str] = []

    def pause(self) -> None:
        self.asked += 1
        if self.hog is None and self.asked > self.patience:
            raise Cancelled
        if self.hog and self.asked == self.patience:
            self.hog.unlink()

    def wait(self, message: str) -> None:
        self.said.append(message)

    def go_on(self) -> None:
        self.said.append("on")


def test_it_waits_until_there_is_space(small_disk: Path) -> None:
    waiter = Waiter(fill_up(small_disk, 1_500_000))
    disk.write_patiently(
        small_disk, 2_000_000, lambda: (small_disk / "a").write_bytes(b"a" * 2_000_000), waiter
    )
    assert (small_disk / "a").stat().st_size == 2_000_000
    assert waiter.said[0].startswith(
        "The disk is full: the run needs 3.0 MB in its folder, has 1.5"
    )
    assert waiter.said[1:] == ["on"]


def test_a_disk_that_fills_while_writing_leaves_no_half_folder(small_disk: Path) -> None:
    # It believes that a byte is enough, and meets the full disk in the middle.
    waiter = Waiter(fill_up(small_disk, 1_500_000))

    def write() -> None:
        checkpoints.write_whole(
            small_disk / "a", lambda draft: (draft / "big").write_bytes(b"a" * 3_000_000)
        )

    disk.write_patiently(small_disk, 1, write, waiter)
    assert checkpoints.verify(small_disk / "a")
    assert [path.name for path in small_disk.iterdir()] == ["a"]
    assert len(waiter.said) == 2


def test_a_wait_can_be_cancelled(small_disk: Path) -> None:
    fill_up(small_disk, 10_000)
    with pytest.raises(Cancelled):
        disk.write_patiently(small_disk, 1_000_000, lambda: None, Waiter(None))


def test_other_errors_are_not_waited_for(tmp_path: Path) -> None:
    def fail() -> None:
        raise PermissionError(errno.EACCES, "no")

    with pytest.raises(PermissionError):
        disk.write_patiently(tmp_path, 1, fail, Waiter(None))


def test_events_survive_a_full_disk(small_disk: Path) -> None:
    written = Events(small_disk)
    hog = fill_up(small_disk, 4096)
    for number in range(200):
        written.progress(epoch=1, epochs=1, step=number, steps=200)
    hog.unlink()
    written.state("done", "after all")
    found, end = events.read(small_disk / events.FILE)
    numbers = [event["step"] for event in found if event["kind"] == "progress"]
    assert 0 < len(numbers) < 200 and numbers == sorted(numbers)
    assert found[-1]["message"] == "after all"
    assert end == (small_disk / events.FILE).stat().st_size


def phase(folder: Path) -> str:
    """Return what a run said last that it is at."""
    return next((each["phase"] for each in reversed(kinds(folder, "progress"))), "")


def test_a_run_on_a_full_disk_waits_and_ends_as_any_other(bert: Path, small_disk: Path) -> None:
    settings = replace(folders.SETTINGS, epochs=4, checkpoint_seconds=0)
    folder = prepare(small_disk / "run", bert, settings)
    hog = fill_up(small_disk, 1_900_000)
    process = start(folder)
    wait_for(lambda: phase(folder) == WAITING)
    (said,) = [e["message"] for e in kinds(folder, "log") if "disk is full" in e["message"]]
    assert "needs" in said and "has" in said
    # What was written before is whole, and nothing goes on without what was to be written.
    waiting = kinds(folder, "progress")[-1]
    newest = checkpoints.newest(folder / checkpointing.FOLDER)
    assert newest and newest.name == f"001-{waiting['step'] - 1:09d}"
    assert process.poll() is None
    time.sleep(3 * disk.GLANCE_SECONDS)
    assert kinds(folder, "progress")[-1] == waiting
    hog.unlink()
    assert process.wait(240) == 0
    assert states(folder)[-1][0] == "done"
    assert any("space on the disk again" in e["message"] for e in kinds(folder, "log"))
    assert phase(folder) != WAITING
    assert [each["epoch"] for each in kinds(folder, "metric")] == [1, 2, 3, 4]
