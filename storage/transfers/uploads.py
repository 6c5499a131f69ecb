"""Files on their way in: each on disk under a number, in a folder under a random name.

What a browser says of a file (its name, its folder) is data and never part of a path. A batch
is what one drop zone has taken, and belongs to one person; it lasts until it was imported or
removed, for a day without a sign of life, or until the server ends. What a server that was
killed left behind goes when the next one starts.
"""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storage import files, home
from storage.errors import ConflictError, InputError, NotFoundError, StorageError
from storage.transfers.rooms import Room

MOST_FILES = 200_000
MOST_BATCHES = 200
LONGEST_NAME = 4_096
IDLE_SECONDS = 24 * 3600.0
# What must stay free beside the files: the database takes in what they hold.
RESERVE_BYTES = 256 * 1024**2

GONE = "These files are no longer here: choose them again."


@dataclass(slots=True)
class Incoming:
    """A file that comes in: what the browser says of it, and how much of it is here.

    ``turn`` counts the requests that write it: a newer one takes over from one that hangs.
    """

    number: int
    name: str
    size: int
    path: Path
    received: int = 0
    turn: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def complete(self) -> bool:
        return self.received == self.size


@dataclass(slots=True)
class Batch:
    """The files of one drop zone, by number; ``held`` by imports that read them.

    ``purpose`` is what they are for: whoever may send for one may not send for all.
    """

    id: str
    owner: str
    folder: Path
    purpose: str = ""
    files: dict[int, Incoming] = field(default_factory=dict)
    next: int = 1
    held: int = 0
    touched: float = 0.0

    @property
    def missing_bytes(self) -> int:
        return sum(each.size - each.received for each in self.files.values())


class Uploads:
    """All batches of this process. Every name of a batch or a file may come from a stranger."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._batches: dict[str, Batch] = {}
        self._lock = threading.RLock()
        self._room = Room("uploads")

    def begin(self, owner: str, purpose: str = "") -> str:
        """Return the name of a new batch; raises StorageError where it cannot be kept."""
        with self._lock:
            self._room.take()
            self._forget_idle()
            if len(self._batches) >= MOST_BATCHES:
                raise ConflictError("Too many uploads are open here: close some, then try again.")
            name = secrets.token_hex(16)
            folder = files.make_folder(self._room.folder() / name, exist_ok=False)
            self._batches[name] = Batch(name, owner, folder, purpose, touched=self._clock())
            return name

    def purpose(self, batch: str, owner: str) -> str:
        """Return what a batch is for; raises NotFoundError."""
        with self._lock:
            return self._find(batch, owner).purpose

    def announce(self, batch: str, owner: str, given: Sequence[tuple[str, int]]) -> list[int]:
        """Take down files that will come, as (name, size in bytes); return their numbers.

        Raises InputError where they are too many or too large for the volume.
        """
        with self._lock:
            found = self._find(batch, owner)
            if len(found.files) + len(given) > MOST_FILES:
                raise InputError(
                    f"These are more than {MOST_FILES:,} files: pack them as a ZIP archive, or "
                    "bring in a part at a time."
                )
            self._check_space(sum(size for _, size in given))
            return [self._add(found, name, size) for name, size in given]

    def files(self, batch: str, owner: str) -> tuple[Incoming, ...]:
        """Return the files of a batch in the order in which they were announced."""
        with self._lock:
            return tuple(self._find(batch, owner).files.values())

    def open(self, batch: str, owner: str, number: int, offset: int) -> Writing:
        """Go on writing a file from ``offset``, which is what is here; raises ConflictError else.

        An earlier request that still writes the file has lost its turn.
        """
        with self._lock:
            found = self._file(self._find(batch, owner), number)
        with found.lock:
            if offset != found.received:
                raise ConflictError(f"Of this file {found.received} bytes are here.")
            found.turn += 1
            return Writing(found, found.turn)

    def remove(self, batch: str, owner: str, numbers: Iterable[int]) -> None:
        """Delete files of a batch; those that are gone already are."""
        with self._lock:
            found = self._find(batch, owner)
            gone = [found.files.pop(number) for number in numbers if number in found.files]
        for each in gone:
            with each.lock:
                each.turn += 1
                each.path.unlink(missing_ok=True)

    def hold(self, batch: str, owner: str) -> None:
        """Keep a batch until `release`, however long nobody asks for it."""
        with self._lock:
            self._find(batch, owner).held += 1

    def release(self, batch: str) -> None:
        """End a `hold`."""
        with self._lock:
            if found := self._batches.get(batch):
                found.held -= 1
                found.touched = self._clock()

    def discard(self, batch: str) -> None:
        """Delete a batch with its files; one that is gone already is."""
        with self._lock:
            found = self._batches.pop(batch, None)
        if found:
            for each in found.files.values():
                each.turn += 1
            shutil.rmtree(found.folder, ignore_errors=True)

    def free_bytes(self) -> int:
        """Return how much may still come, beside what was announced."""
        with self._lock:
            coming = sum(each.missing_bytes for each in self._batches.values())
        return max(0, shutil.disk_usage(home.folder()).free - RESERVE_BYTES - coming)

    def start(self) -> None:
        """Delete what servers that are gone left behind, unless another one is at work."""
        with self._lock:
            self._room.take()

    def stop(self) -> None:
        """Delete everything: who comes back finds nothing half done."""
        for batch in list(self._batches):
            self.discard(batch)
        self._room.leave()

    def _find(self, batch: str, owner: str) -> Batch:
        found = self._batches.get(batch)
        if found is None or found.owner != owner:
            raise NotFoundError(GONE)
        found.touched = self._clock()
        return found

    def _file(self, batch: Batch, number: int) -> Incoming:
        found = batch.files.get(number)
        if found is None:
            raise NotFoundError(GONE)
        return found

    def _add(self, batch: Batch, name: str, size: int) -> int:
        number, batch.next = batch.next, batch.next + 1
        incoming = Incoming(number, name[:LONGEST_NAME], size, batch.folder / str(number))
        files.make_private(incoming.path)
        batch.files[number] = incoming
        return number

    def _check_space(self, wanted: int) -> None:
        free = self.free_bytes()
        if wanted > free:
            raise InputError(
                f"The files have {megabytes(wanted)}, and the volume of Whetstone's folder has "
                f"room for {megabytes(free)}: make room there, or bring in a part."
            )

    def _forget_idle(self) -> None:
        now = self._clock()
        for each in list(self._batches.values()):
            if not each.held and now - each.touched > IDLE_SECONDS:
                self.discard(each.id)


class Writing:
    """One request's turn to write a file; ended by a newer one, or by its removal."""

    def __init__(self, incoming: Incoming, turn: int) -> None:
        self._incoming = incoming
        self._turn = turn

    @property
    def received(self) -> int:
        return self._incoming.received

    def write(self, data: bytes) -> None:
        """Append bytes; raises ConflictError where the turn is over, InputError beyond the size,
        StorageError where the disk is full."""
        found = self._incoming
        with found.lock:
            if found.turn != self._turn:
                raise ConflictError("Another request goes on with this file.")
            if found.received + len(data) > found.size:
                raise InputError("The file has grown since it was chosen: choose it again.")
            try:
                with open(found.path, "r+b") as file:
                    file.seek(found.received)
                    file.write(data)
            except OSError as error:
                raise StorageError(_unwritable(error)) from error
            found.received += len(data)


def _unwritable(error: OSError) -> str:
    return (
        f"The file cannot be kept ({error.strerror or os.strerror(error.errno or 0)}): make room "
        "on the volume of Whetstone's folder, then go on."
    )


def megabytes(count: int) -> str:
    """Name a number of bytes for a person."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


uploads = Uploads()
