"""Where the services of this home listen: a file each, locked for as long as the service runs.

Whoever asks for them sweeps away what a service left that was killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from storage import home
from storage.errors import StorageError

log = logging.getLogger("whetstone.serving")
FOLDER, ENDING = "services", ".json"


@dataclass(frozen=True, slots=True)
class Place:
    """A running service; ``run`` is the id of the one run that it serves, None for what is live."""

    project: int
    run: int | None
    url: str


@contextmanager
def announced(database: str, place: Place) -> Iterator[None]:
    """Let others of this home know of a service until the block ends, where they can be told.

    ``database`` is the address of its database.
    """
    path, descriptor = None, None
    try:
        path, descriptor = _write(database, place)
    except (OSError, StorageError) as error:
        log.warning("The Models page is not told where this service listens: %s", error)
    try:
        yield
    finally:
        if path and descriptor is not None:
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)


def running(database: str, project_id: int) -> list[Place]:
    """Return the services of a project, those of what is live first."""
    folder = home.folder() / FOLDER
    told = [_read(path, _mark(database)) for path in sorted(folder.glob(f"*{ENDING}"))]
    found = [place for place in told if place and place.project == project_id]
    return sorted(found, key=lambda place: (place.run is not None, place.url))


def _write(database: str, place: Place) -> tuple[Path, int]:
    folder = home.folder() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    draft = folder / secrets.token_hex(8)
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    # Locked before it has its name: without a lock it is what somebody left.
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, json.dumps({"database": _mark(database), **asdict(place)}).encode())
    path = draft.with_suffix(ENDING)
    draft.rename(path)
    return path, descriptor


def _read(path: Path, mark: str) -> Place | None:
    """Return a service of this database; None of another's, or of one that has ended."""
    try:
        with path.open("rb") as file:
            if _is_left(file.fileno()):
                path.unlink()
                return None
            told = json.loads(file.read())
        return Place(**told) if told.pop("database") == mark else None
    except (OSError, ValueError, KeyError, TypeError):
        # Gone meanwhile, or none of ours.
        return None


def _is_left(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _mark(database: str) -> str:
    """Return what tells this database from others of the home; its address may hold a password."""
    return hashlib.sha256(database.encode()).hexdigest()
