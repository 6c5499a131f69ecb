"""What was found when a database and its copies were last read through; kept beside them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from storage import atomic, files, home
from storage.engines import file_swap
from storage.engines.clock import now

FILE, LOG = "checked.json", "-wal"


@dataclass(frozen=True, slots=True)
class Checked:
    """A look at every page of a file: when it ended (ISO 8601, UTC), and what was found.

    ``size`` is in bytes; ``complaint`` is empty where the file was whole. ``inode`` tells which
    file it was: after a restore there is another one in its place.
    """

    at: str
    seconds: float
    size: int
    complaint: str
    inode: int


def measured(file: Path, begun: float, complaint: str) -> Checked:
    """Return what a look at a file found that began at this moment of ``time.monotonic``."""
    found = file.stat()
    seconds = round(time.monotonic() - begun, 3)
    return Checked(now(), seconds, found.st_size, complaint, found.st_ino)


def of_database(path: Path) -> Checked | None:
    """Return what the last check of a database found; None where this very file had none."""
    found, file = of_copy(path, path), file_swap.identity(path)
    return found if found and file and found.inode == file[1] else None


def of_copy(path: Path, copy: Path) -> Checked | None:
    """Return what was found when a copy was last read through; None where nobody did."""
    return _read(path).get(_name(path, copy))


def note(path: Path, file: Path, checked: Checked) -> None:
    """Keep what was found in a database's file, or in one of its copies.

    Of copies that are gone nothing is kept any longer. A home that cannot be changed goes
    without: the next look finds out anew.
    """
    place = _place(path)
    if not files.is_writable(place):
        return
    loss = f"{path.name}{LOG}"
    kept = {
        name: found
        for name, found in _read(path).items()
        if name == loss or (path.parent / name).exists()
    }
    _write(place, kept | {_name(path, file): checked})


def of_log(path: Path) -> Checked | None:
    """Return what was found missing in the log when the database was opened; None for nothing."""
    return of_copy(path, Path(f"{path}{LOG}"))


def forget_log(path: Path) -> None:
    """Let go of what was missing in the log: somebody has read of it."""
    known = _read(path)
    if known.pop(f"{path.name}{LOG}", None):
        _write(_place(path), known)


def _write(place: Path, known: Mapping[str, Checked]) -> None:
    draft = place.with_name(f"{place.name}.part")
    files.make_private(draft)
    told = {name: asdict(found) for name, found in known.items()}
    with atomic.replacing(place, draft) as written:
        written.write(json.dumps(told).encode())


def _read(path: Path) -> dict[str, Checked]:
    try:
        told = json.loads(_place(path).read_bytes())
        return {name: Checked(**fields) for name, fields in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        # Not there, or damaged: no person made it, and it is found out anew.
        return {}


def _name(path: Path, file: Path) -> str:
    """Return a file's name from the folder in which the database lies."""
    return str(file.relative_to(path.parent))


def _place(path: Path) -> Path:
    return home.lock_file(path, FILE)
