"""Which processes have a database's file open, or hold one of its locks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage import home

LOCKS = Path("/proc/locks")
# SQLite keeps a lock on the index of the log for as long as a connection is open.
OPEN = "has it open"
ROLES = {
    "write.lock": "is writing",
    "runner.lock": "starts and follows runs",
    "backup.lock": "makes a backup",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has to do with the database now: what it does, and what it is called."""

    process: int
    roles: tuple[str, ...]
    name: str


def of(path: Path) -> tuple[Holder, ...] | None:
    """Return who has a database open or holds its locks; None where the system does not say.

    Source: proc_locks(5), which only Linux has.
    """
    if not LOCKS.is_file():
        return None
    places = {home.lock_file(path, name): role for name, role in ROLES.items()}
    places[Path(f"{path}-shm")] = OPEN
    known = {_key(place): role for place, role in places.items() if place.exists()}
    found: dict[int, set[str]] = {}
    for process, key in _held():
        if key in known:
            found.setdefault(process, set()).add(known[key])
    return tuple(
        Holder(process, tuple(sorted(roles)), _name(process))
        for process, roles in sorted(found.items())
    )


def _key(place: Path) -> str:
    found = place.stat()
    return f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"


def _held() -> Iterator[tuple[int, str]]:
    """Read lines such as ``1: POSIX  ADVISORY  READ 4692 fe:00:2147766 128 128``."""
    for line in LOCKS.read_text().splitlines():
        words = line.split()
        # Who waits for a lock has an arrow, and holds nothing.
        if len(words) >= 6 and words[1] != "->" and words[4].isdigit():
            yield int(words[4]), words[5]


def _name(process: int) -> str:
    """Return a process's command, without the folders of its programs; empty where it is gone."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return " ".join(Path(word).name if "/" in word else word for word in words[:6]).strip()
