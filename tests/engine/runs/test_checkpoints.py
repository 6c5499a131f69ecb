"""Folders that are complete or absent."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs import checkpoints
from storage.errors import ModelError


def fill(text: str):
    def write(folder: Path) -> None:
        (folder / "weights").write_text(text)
        (folder / "deep").mkdir()
        (folder / "deep" / "more").write_text(text * 2)

    return write


def test_a_folder_appears_whole_and_is_verified(tmp_path: Path) -> None:
    target = tmp_path / "model"
    checkpoints.write_whole(target, fill("a"))
    assert checkpoints.verify(target) == target
    assert (target / "deep" / "more").read_text() == "aa"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "model"
    checkpoints.write_whole(target, fill("a"))
    checkpoints.write_whole(target, fill("b"))
    assert (checkpoints.verify(target) / "weights").read_text() == "b"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_failure_in_the_middle_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "model"
    checkpoints.write_whole(target, fill("a"))

    def fail(folder: Path) -> None:
        (folder / "weights").write_text("half")
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        checkpoints.write_whole(target, fail)
    assert (checkpoints.verify(target) / "weights").read_text() == "a"


def test_a_kill_in_the_middle_leaves_no_half_folder(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from engine.runs import checkpoints\n"
        "def fill(folder):\n"
        "    (folder / 'weights').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "checkpoints.write_whole(Path(sys.argv[1]) / 'model', fill)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "model").exists()
    assert len(os.listdir(tmp_path)) == 1
    checkpoints.write_whole(tmp_path / "model", fill("a"))
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.parametrize(
    "damage",
    ["change", "shorten", "remove", "manifest", "[]", "{", '{"files": 3}', '{"files": [1]}'],
)
def test_damage_is_found(tmp_path: Path, damage: str) -> None:
    target = tmp_path / "model"
    checkpoints.write_whole(target, fill("abc"))
    weights = target / "weights"
    match damage:
        case "change":
            weights.write_text("abd")
        case "shorten":
            weights.write_text("ab")
        case "remove":
            weights.unlink()
        case "manifest":
            (target / "MANIFEST.json").unlink()
        case text:
            (target / "MANIFEST.json").write_text(text)
    with pytest.raises(ModelError, match="train again"):
        checkpoints.verify(target)


def test_a_folder_that_goes_while_it_is_looked_through_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, describe = tmp_path / "1", checkpoints._describe
    checkpoints.write_whole(target, fill("a"))

    def too_late(path: Path) -> dict:
        shutil.rmtree(target)
        return describe(path)

    monkeypatch.setattr(checkpoints, "_describe", too_late)
    assert checkpoints.newest(tmp_path) is None


@pytest.mark.parametrize("allowed", [0, 1])
def test_who_may_not_write_any_more_leaves_nothing(tmp_path: Path, allowed: int) -> None:
    """Another attempt took over before the folder was begun, or while it was filled."""
    asked: list[int] = []

    def permit() -> None:
        asked.append(1)
        if len(asked) > allowed:
            raise InterruptedError

    shelf = tmp_path / "checkpoints"
    with pytest.raises(InterruptedError):
        checkpoints.write_whole(shelf / "1", fill("a"), permit)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    assert shelf.exists() == (allowed == 1)


def cut(shelf: Path, synced: dict[int, bytes], place: Path, choose: random.Random) -> None:
    """Copy what is on the disk where the power goes: of what was not synced, any beginning."""
    for path in shelf.rglob("*"):
        copy = place / path.relative_to(shelf)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        if synced.get(path.stat().st_ino) != content:
            if choose.random() < 0.25:
                continue
            rest = len(content) - (kept := choose.randrange(len(content)))
            content = content[:kept] + choose.choice([b"", bytes(rest)])
        copy.write_bytes(content)


def test_where_the_power_goes_the_newest_checkpoint_is_one_that_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every point of the protocol, with what os.fsync has seen onto the disk by then."""
    shelf, choose = tmp_path / "checkpoints", random.Random(12)
    really, synced = os.fsync, dict[int, bytes]()
    seen: list[str] = []

    def fsync(descriptor: int) -> None:
        really(descriptor)
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if path.is_file():
            synced[path.stat().st_ino] = path.read_bytes()

    def reached(point: str) -> None:
        for number in range(25):
            place = tmp_path / f"{target}-{point}-{number}"
            cut(shelf, synced, place, choose)
            found = checkpoints.newest(place)
            names = {"1", target} if point in ("begun", "filled", "synced", "sealed") else {target}
            assert found and found.name in names, (target, point, number)
            assert (found / "weights").read_text() == found.name * 1_000
            # A run that goes on from there writes the next one.
            with monkeypatch.context() as later:
                later.setattr(checkpoints, "reached", lambda _point: None)
                checkpoints.write_whole(place / "3", fill("c"))
            assert checkpoints.newest(place).name == "3"
            shutil.rmtree(place)
        seen.append(point)

    monkeypatch.setattr(os, "fsync", fsync)
    target = "1"
    checkpoints.write_whole(shelf / "1", fill("1" * 1_000))
    target = "2"
    monkeypatch.setattr(checkpoints, "reached", reached)
    checkpoints.write_whole(shelf / "2", fill("2" * 1_000))
    assert set(seen) >= {"begun", "filled", "synced", "sealed", "named", "swept"}


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    checkpoints.write_file(target, "ä")
    checkpoints.write_file(target, "b")
    assert target.read_text(encoding="utf-8") == "b"
    assert os.listdir(tmp_path) == ["report.json"]
