"""Folders that are complete or absent, whatever kills the process that writes them.

A folder is filled under a draft's name, every file is seen onto the disk, the manifest with
sizes and hashes is written last, and only then does the folder get its name. ``reached``
names the points between these steps, so that tests can kill a process at each of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from engine.runs.files import read_object
from storage import atomic
from storage.errors import ModelError, RunFolderError

MANIFEST = "MANIFEST.json"
POINTS = ("begun", "filled", "synced", "sealed", "aside", "named", "swept")
_DRAFT = ".draft-"


def reached(point: str) -> None:
    """Mark a point of the protocol; does nothing."""


def write_whole(
    target: Path, fill: Callable[[Path], object], permit: Callable[[], None] = lambda: None
) -> None:
    """Let ``fill`` write a draft folder, then put it in the place of ``target`` in one move.

    Every file is on the disk, and its size and hash in the manifest, before the folder
    gets its name. An older ``target`` is replaced. ``permit`` is asked at first and right
    before the move, and may raise: then nothing changes.
    """
    permit()
    sweep(target.parent)
    draft = _name_draft(target.parent)
    draft.mkdir(parents=True)
    reached("begun")
    fill(draft)
    reached("filled")
    files = {str(path.relative_to(draft)): _seal(path) for path in _files(draft)}
    reached("synced")
    (draft / MANIFEST).write_text(json.dumps({"files": files}, indent=1), encoding="utf-8")
    atomic.sync(draft / MANIFEST)
    atomic.sync(draft)
    reached("sealed")
    try:
        permit()
    except BaseException:
        # Whose turn it is may have swept it away already.
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if target.exists():
        os.rename(target, _name_draft(target.parent))
        reached("aside")
    os.rename(draft, target)
    atomic.sync(target.parent)
    reached("named")
    sweep(target.parent)
    reached("swept")


def write_file(target: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with atomic.replacing(target, target.with_name(f"{_DRAFT}{target.name}")) as file:
        file.write(text.encode())
    atomic.sync(target.parent)


def verify(folder: Path) -> Path:
    """Return the folder if it is as it was written, else raise ModelError."""
    try:
        files = dict(read_object(folder / MANIFEST)["files"])
    except (RunFolderError, ValueError, KeyError, TypeError) as problem:
        raise ModelError(
            f"There is no complete model in {folder}; train again, or choose a finished run."
        ) from problem
    for name, known in files.items():
        path = folder / name
        if not path.is_file() or _described(path) != known:
            raise ModelError(f"{path} is missing or damaged; train again.")
    return folder


def newest(parent: Path) -> Path | None:
    """Return the complete folder in ``parent`` whose name sorts last; None where there is none."""
    for folder in sorted(_folders(parent), reverse=True):
        try:
            return verify(folder)
        except ModelError:
            # Damaged on the disk: the one before it is as good, only older.
            continue
    return None


def prune(parent: Path, keep: int) -> None:
    """Remove all folders in ``parent`` but the ``keep`` newest by name."""
    for folder in sorted(_folders(parent), reverse=True)[keep:]:
        os.rename(folder, _name_draft(parent))
    sweep(parent)


def sweep(parent: Path) -> None:
    """Remove drafts that a killed process left behind."""
    for draft in parent.glob(f"{_DRAFT}*"):
        shutil.rmtree(draft) if draft.is_dir() else draft.unlink()


def _name_draft(parent: Path) -> Path:
    return parent / f"{_DRAFT}{uuid.uuid4().hex}"


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return [path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _seal(path: Path) -> dict:
    atomic.sync(path)
    return _describe(path)


def _described(path: Path) -> dict | None:
    """Describe a file; None where it goes meanwhile, as an older checkpoint does."""
    try:
        return _describe(path)
    except OSError:
        return None


def _describe(path: Path) -> dict:
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}
