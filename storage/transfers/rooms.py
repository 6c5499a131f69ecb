"""Folders of the home that hold only what a living server works with."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, suppress
from pathlib import Path

from storage import files, home
from storage.errors import BusyError


class Room:
    """A folder of the home whose contents nobody needs after the server that made them.

    Each server shares a lock in it; whoever comes and finds itself alone deletes what is there.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._held: ExitStack | None = None

    def folder(self) -> Path:
        """Return the folder, made on first use and private to its owner; raise StorageError."""
        return files.make_folder(home.folder() / self._name)

    def take(self) -> None:
        """Delete what was left behind, unless another server lives; share the room from now on."""
        if self._held:
            return
        lock = self.folder() / "lock"
        with suppress(BusyError), home.lock(lock, timeout=0):
            for each in self.folder().iterdir():
                if each.is_dir():
                    shutil.rmtree(each, ignore_errors=True)
        self._held = ExitStack()
        self._held.enter_context(home.lock(lock, shared=True))

    def leave(self) -> None:
        """Hold the room no longer."""
        if self._held:
            self._held.close()
            self._held = None
