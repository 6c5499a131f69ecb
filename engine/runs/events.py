"""A run's events: ``events.jsonl``, written by one worker and read by anybody.

Every line is one JSON object with ``at``, ``attempt`` and ``kind``:

    state      {"state": "running"|"done"|"failed"|"cancelled", "message"}
    progress   {"phase", "epoch", "epochs", "step", "steps", "loss", "words_per_second",
                "seconds_left", "device", "member", "members", "message" while waiting}
    metric     {"epoch", "member", "within", "loss", "best", "seconds",
                "dev": {"precision", "recall", "f1", "accuracy", "loss"} | null}
                epochs count on over the members (seeds) of a run; "within" counts in one
    log        {"message"}
    trial      {"number", "state", "settings", "f1", "epochs", "seconds"}
    heartbeat  {}
"""

from __future__ import annotations

import json
import math
import os
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.runs import files
from engine.runs.shapes import Maybe, mapping, misfit, moment, number, text, whole
from engine.system.disk import is_full
from storage.errors import RunFolderError

FILE = "events.jsonl"
STATES = ("running", "done", "failed", "cancelled")
PROGRESS_GAP = 0.25
RETRY_SECONDS = 0.5
# Without space on the disk these are given up; all others wait for it.
FLEETING = ("progress", "heartbeat")
# What the databases cannot store: halves of characters beyond U+FFFF, and NUL.
_UNSTORABLE = re.compile("[\ud800-\udfff\0]")

_EVERY = {"kind": text, "at": Maybe(moment), "attempt": Maybe(whole)}
_KINDS = {
    "state": {"state": STATES.__contains__, "message": Maybe(text)},
    "progress": dict.fromkeys(("epoch", "epochs", "step", "steps"), whole)
    | dict.fromkeys(("member", "members", "trial"), Maybe(whole))
    | dict.fromkeys(("loss", "words_per_second", "seconds_left"), Maybe(number))
    | dict.fromkeys(("phase", "device", "message"), Maybe(text)),
    "metric": {"epoch": whole, "member": Maybe(whole), "within": Maybe(whole)}
    | {"loss": Maybe(number), "seconds": Maybe(number), "dev": Maybe({"f1": Maybe(number)})},
    "log": {"message": text},
    "trial": {"number": whole, "state": text, "settings": Maybe(mapping), "epochs": Maybe(whole)}
    | {"f1": Maybe(number), "seconds": Maybe(number)},
}


class Cancelled(Exception):
    """Somebody asked the run to stop; no error."""


class Events:
    """Append events to ``FOLDER/events.jsonl``; safe to use from several threads.

    ``permit`` is asked before every line and may raise: then nothing is written.
    """

    def __init__(
        self, folder: Path, attempt: int = 1, permit: Callable[[], None] = lambda: None
    ) -> None:
        self._attempt, self._permit = attempt, permit
        self._lock = threading.Lock()
        self._last_progress = 0.0
        self._file = os.open(Path(folder) / FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        # A worker killed in mid-line leaves a torn tail: it is ended, and only that line lost.
        size = os.fstat(self._file).st_size
        self._torn = bool(size) and os.pread(self._file, 1, size - 1) != b"\n"

    def write(self, kind: str, **values: object) -> None:
        """Append one event as a whole line; what JSON or a database cannot hold is replaced."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        event = {"at": now, "attempt": self._attempt, "kind": kind, **values}
        line = json.dumps(_storable(event), ensure_ascii=False, allow_nan=False) + "\n"
        while not self._append(line.encode()) and kind not in FLEETING:
            time.sleep(RETRY_SECONDS)

    def _append(self, rest: bytes) -> bool:
        """Append a line; return whether there was space for it."""
        with self._lock:
            self._permit()
            try:
                if self._torn:
                    os.write(self._file, b"\n")
                    self._torn = False
                while rest:
                    rest = rest[os.write(self._file, rest) :]
                    self._torn = bool(rest)
            except OSError as problem:
                if not is_full(problem):
                    raise
                return False
            return True

    def state(self, state: str, message: str = "", **values: object) -> None:
        """Record where the run stands, and see it onto the disk."""
        self.write("state", state=state, message=message, **values)
        os.fsync(self._file)

    def log(self, message: str) -> None:
        """Record a sentence for the person who watches."""
        self.write("log", message=message)

    def progress_due(self) -> bool:
        """Tell whether a progress event would be written now (at most four a second)."""
        return time.monotonic() - self._last_progress >= PROGRESS_GAP

    def progress(self, **values: object) -> None:
        """Record progress; callers ask ``progress_due`` before they compute costly values."""
        self._last_progress = time.monotonic()
        self.write("progress", **values)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


class Silence(Events):
    """What a process that does not lead its group writes: nothing."""

    def __init__(self) -> None:
        self._last_progress = 0.0

    def write(self, kind: str, **values: object) -> None:
        """Write nothing."""

    def state(self, state: str, message: str = "", **values: object) -> None:
        """Write nothing."""

    def close(self) -> None:
        """There is no file to close."""


def _storable(value: Any) -> Any:
    """Return a value with null for numbers that are none, and U+FFFD for half characters."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value


def read(path: Path, offset: int = 0) -> tuple[list[dict], int]:
    """Return the events in the complete lines after ``offset`` (bytes) and the next offset.

    A line that a killed worker left torn, or that is no event for another reason, is passed
    over. Raises RunFolderError where the file is there and cannot be read.
    """
    try:
        with files.reading(path), open(path, "rb") as file:
            file.seek(offset)
            data = file.read()
    except RunFolderError as problem:
        # Not whether it is there now: a worker may just have begun it.
        if isinstance(problem.__cause__, FileNotFoundError | NotADirectoryError):
            return [], offset
        raise
    end = data.rfind(b"\n") + 1
    events = [parse(line) for line in data[:end].split(b"\n")]
    return [event for event in events if event is not None], offset + end


def parse(line: bytes) -> dict | None:
    """Return the event that a line holds; None where it is no event."""
    try:
        event = _storable(json.loads(line))
    except (ValueError, RecursionError):
        return None
    return event if _is_event(event) else None


def _is_event(found: Any) -> bool:
    """Tell whether a line holds what its kind promises; of kinds unknown here nothing is asked."""
    return not misfit(found, _EVERY) and not misfit(found, _KINDS.get(found["kind"], {}))
