"""Run folders on storage that two machines reach: brought there, kept up to date, brought home.

Storage is any URL that fsspec knows. Whoever copies writes a folder's MANIFEST.json last
and the events after everything they speak of.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.launchers import base
from engine.runs import events
from engine.runs.fence import Superseded
from storage.errors import TrainingError
from storage.types import RunState

MANIFEST, DRAFT = "MANIFEST.json", ".draft-"
# Where a mirror holds what it is bringing.
LINKS = ".mirror"
STAYS = ("worker.lock", base.FILE, base.CANCEL)
# Ray Train's own notes, which every node must see and nobody wants at home.
SCRATCH = "ray"
GAP = 1.0


@contextmanager
def reaching(place: str) -> Iterator[tuple[Any, str]]:
    """Yield the file system and the path behind a URL.

    Raises:
        TrainingError: the storage cannot be used; every kind of it has errors of its own.
    """
    try:
        system, path = _file_system(place)
        # Another machine writes there: what was listed before says nothing.
        system.invalidate_cache()
        yield system, path
    except (TrainingError, Superseded):
        raise
    except Exception as problem:
        said = " ".join(str(problem).split()) or type(problem).__name__
        raise TrainingError(
            f"The storage {place} cannot be used ({said}): check the URL and your rights, and "
            "that fsspec has the package for it."
        ) from problem


def _file_system(place: str) -> tuple[Any, str]:
    """Return what fsspec knows of a URL; where it lacks a package for S3, pyarrow's own does.

    Both go by AWS_ENDPOINT_URL and the keys in the environment.
    """
    import fsspec

    try:
        return fsspec.core.url_to_fs(place)
    except ImportError:
        scheme, _, path = place.partition("://")
        if scheme != "s3":
            raise
        return _arrow_s3(os.environ.get("AWS_ENDPOINT_URL")), path


@lru_cache(maxsize=4)
def _arrow_s3(endpoint: str | None) -> Any:
    from fsspec.implementations.arrow import ArrowFSWrapper
    from pyarrow.fs import S3FileSystem

    return ArrowFSWrapper(S3FileSystem(endpoint_override=endpoint))


def upload(folder: Path, place: str) -> None:
    """Copy a run folder to a place where there is nothing yet."""
    with reaching(place) as (system, path):
        for name in names(folder):
            _put(system, folder / name, f"{path}/{name}")


def names(folder: Path) -> list[str]:
    """Return a folder's files that travel, manifests last; drafts are nobody else's business."""
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    travel = [
        path
        for path in found
        if path.name not in STAYS
        and path.parts[0] != LINKS
        and not any(part.startswith(DRAFT) for part in path.parts)
    ]
    return [str(path) for path in sorted(travel, key=lambda path: (path.name == MANIFEST, path))]


def download(place: str, folder: Path) -> None:
    """Copy everything at a place into a folder."""
    with reaching(place) as (system, path):
        for name in _names_at(system, path):
            _get(system, f"{path}/{name}", folder / name)


def fetch_file(name: str, place: str, folder: Path) -> None:
    """Copy one file at a place into a folder."""
    with reaching(place) as (system, path):
        _get(system, f"{path}/{name}", folder / name)


def send_file(name: str, folder: Path, place: str) -> None:
    """Copy one file of a folder to a place."""
    with reaching(place) as (system, path):
        _put(system, folder / name, f"{path}/{name}")


def read(place: str) -> bytes | None:
    """Return what one file holds; None where it is not there."""
    with reaching(place) as (system, path):
        return system.cat_file(path) if system.exists(path) else None


def fetch_events(folder: Path, place: str) -> None:
    """Add the events that are new there to the folder's; not yet those from the outcome on.

    The outcome comes home with all that belongs to it, when the worker is gone.
    """
    with reaching(place) as (system, path):
        new = _news(system, path, folder)
        _append(folder, b"".join(_until_the_outcome(new)))


def fetch_all(folder: Path, place: str) -> None:
    """Bring everything home, the events last, and clear the place."""
    with reaching(place) as (system, path):
        if not system.exists(path):
            return
        for name in _names_at(system, path):
            if name not in (events.FILE, base.CANCEL):
                _get(system, f"{path}/{name}", folder / name)
        _append(folder, _news(system, path, folder))
    clear(place)


def clear(place: str) -> None:
    """Remove everything at a place."""
    with reaching(place) as (system, path):
        if system.exists(path):
            system.rm(path, recursive=True)


def send_flag(folder: Path, place: str) -> None:
    """Send the wish to stop after the worker."""
    with reaching(place) as (system, path):
        system.pipe_file(f"{path}/{base.CANCEL}", (folder / base.CANCEL).read_bytes())


def probe(place: str) -> None:
    """Write, read and remove a small file; raise TrainingError where that is impossible."""
    with reaching(f"{place.rstrip('/')}/whetstone-test") as (system, path):
        system.makedirs(path, exist_ok=True)
        system.pipe_file(f"{path}/hello", b"hello")
        if system.cat_file(f"{path}/hello") != b"hello":
            raise OSError("what was written reads differently")
        system.rm(path, recursive=True)


class Mirror(threading.Thread):
    """Beside a worker: keeps the place like the worker's folder, and looks there for the flag."""

    def __init__(self, folder: Path, place: str) -> None:
        super().__init__(name="mirror", daemon=True)
        self._folder, self._place = folder, place
        self._known: dict[str, tuple[int, int]] = {}
        self._told, self._looked = 0, False
        self._done = threading.Event()

    def run(self) -> None:
        """Copy once a second until ``finish``; a network that is away for a while is no end."""
        while not self._done.wait(GAP):
            try:
                self.copy()
            except TrainingError as problem:
                print(problem, file=sys.stderr)

    def finish(self) -> None:
        """Copy the rest; raise TrainingError where that is impossible."""
        self._done.set()
        self.join()
        self.copy()

    def permit(self) -> None:
        """Asked before everything that is written there; may raise, and then nothing is."""

    def copy(self) -> None:
        """Bring what changed to the place, and the flag from there."""
        with reaching(self._place) as (system, path):
            # Taken first: what these events speak of is then surely among the files.
            told = (self._folder / events.FILE).read_bytes() if self._has(events.FILE) else b""
            if not self._looked:
                # Of a mirror before this one.
                self._known = dict.fromkeys(self._left(system, path), (0, 0))
                self._looked = True
            found = names(self._folder)
            held = self._hold(found)
            for name, state in held.items():
                self.permit()
                _put(system, self._folder / LINKS / name, f"{path}/{name}")
                self._known[name] = state
            shutil.rmtree(self._folder / LINKS, ignore_errors=True)
            if all(name in self._known for name in found if name != events.FILE):
                # Not while something went before it could be held: it may be what replaces these.
                self._remove(system, path, self._known.keys() - set(found))
            self._copy_events(system, path, told[: told.rfind(b"\n") + 1])
            if system.exists(f"{path}/{base.CANCEL}"):
                base.flag(self._folder, system.cat_file(f"{path}/{base.CANCEL}").decode())

    def _copy_events(self, system: Any, path: str, lines: bytes) -> None:
        if len(lines) > self._told:
            self.permit()
            system.pipe_file(f"{path}/{events.FILE}", lines)
            self._told = len(lines)

    def _left(self, system: Any, path: str) -> list[str]:
        found = _names_at(system, path) if system.exists(path) else []
        return [name for name in found if name not in (*STAYS, events.FILE)]

    def _has(self, name: str) -> bool:
        return (self._folder / name).exists()

    def _hold(self, found: list[str]) -> dict[str, tuple[int, int]]:
        """Link the files that are new aside, and return their states.

        To bring a checkpoint may take longer than it lies there: what the worker removes
        meanwhile, or replaces, is held until it has arrived, whole.
        """
        shutil.rmtree(self._folder / LINKS, ignore_errors=True)
        held = {}
        for name in found:
            with suppress(FileNotFoundError):
                # Gone already, an older checkpoint most often.
                status = (self._folder / name).stat()
                state = (status.st_mtime_ns, status.st_size)
                if name != events.FILE and self._known.get(name) != state:
                    _link(self._folder / name, self._folder / LINKS / name)
                    held[name] = state
        return held

    def _remove(self, system: Any, path: str, gone: Iterable[str]) -> None:
        for name in list(gone):
            self.permit()
            system.rm(f"{path}/{name}")
            del self._known[name]


def _link(source: Path, target: Path) -> None:
    """Let a file have a second name; where the disk knows no such thing, copy it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except PermissionError:
        shutil.copyfile(source, target)


def _names_at(system: Any, path: str) -> list[str]:
    found = (name.removeprefix(path).lstrip("/") for name in system.find(path))
    wanted = (name for name in found if not name.startswith(f"{SCRATCH}/"))
    return sorted(wanted, key=lambda name: name.endswith(MANIFEST))


def _put(system: Any, source: Path, target: str) -> None:
    system.makedirs(target.rpartition("/")[0], exist_ok=True)
    system.put_file(str(source), target)


def _get(system: Any, source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{DRAFT}{target.name}")
    system.get_file(source, str(draft))
    draft.replace(target)


def _news(system: Any, path: str, folder: Path) -> bytes:
    """Return the whole lines of the events there that the folder does not have yet."""
    name, own = f"{path}/{events.FILE}", folder / events.FILE
    have = own.stat().st_size if own.exists() else 0
    if not system.exists(name) or system.size(name) <= have:
        return b""
    # From 0 on is the whole: what Arrow opens for that cannot be moved in.
    new = system.cat_file(name, start=have or None)
    return new[: new.rfind(b"\n") + 1]


def _until_the_outcome(lines: bytes) -> Iterator[bytes]:
    for line in lines.splitlines(keepends=True):
        event = events.parse(line)
        if event and event["kind"] == "state" and RunState(event["state"]).final:
            return
        yield line


def _append(folder: Path, lines: bytes) -> None:
    if lines:
        with open(folder / events.FILE, "ab") as file:
            file.write(lines)
