"""Folders that are complete or absent."""

from __future__ import annotations

import os
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


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    checkpoints.write_file(target, "ä")
    checkpoints.write_file(target, "b")
    assert target.read_text(encoding="utf-8") == "b"
    assert os.listdir(tmp_path) == ["report.json"]
