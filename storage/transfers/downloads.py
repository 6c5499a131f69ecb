"""Files on their way out: each in a folder under a random name, until it was taken or is old."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from storage import files
from storage.errors import NotFoundError
from storage.transfers.rooms import Room

IDLE_SECONDS = 24 * 3600.0
GONE = "This file is no longer here: export it again."
# On disk; what it is called for people is data.
FILE = "file"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file that somebody may take: where it lies, and its name for people."""

    id: str
    owner: str
    name: str
    path: Path
    made: float


class Downloads:
    """All files of this process that go out. Every id may come from a stranger."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, Outgoing] = {}
        self._lock = threading.Lock()
        self._room = Room("exports")

    def make(self, owner: str, name: str) -> Outgoing:
        """Return a place for a new file, which is still to be written; raise StorageError."""
        with self._lock:
            self._room.take()
            for old in list(self._known.values()):
                if self._clock() - old.made > IDLE_SECONDS:
                    self._delete(old)
            id = secrets.token_hex(16)
            folder = files.make_folder(self._room.folder() / id, exist_ok=False)
            made = Outgoing(id, owner, name, folder / FILE, self._clock())
            files.make_private(made.path)
            self._known[id] = made
            return made

    def get(self, id: str, owner: str) -> Outgoing:
        """Return a person's own file; raises NotFoundError."""
        found = self._known.get(id)
        if found is None or found.owner != owner or not found.path.is_file():
            raise NotFoundError(GONE)
        return found

    def discard(self, id: str) -> None:
        """Delete a file; one that is gone already is."""
        with self._lock:
            if found := self._known.get(id):
                self._delete(found)

    def start(self) -> None:
        """Delete what servers that are gone left behind, unless another one is at work."""
        with self._lock:
            self._room.take()

    def stop(self) -> None:
        """Delete everything."""
        for id in list(self._known):
            self.discard(id)
        self._room.leave()

    def _delete(self, found: Outgoing) -> None:
        del self._known[found.id]
        shutil.rmtree(found.path.parent, ignore_errors=True)


downloads = Downloads()
