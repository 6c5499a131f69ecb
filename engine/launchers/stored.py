"""Workers on this computer whose folders are kept on a storage that other machines reach, too.

The worker works in its folder here; beside it a mirror brings what it writes to the storage, each
checkpoint complete or absent, so that another machine can go on from there. The attempt's number
in the storage's ``spec.json`` says whose turn it is: where that is another one, nothing more is
brought, and the worker here is told so by its own ``spec.json``, in which it is nobody's turn then.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.launchers import base, shipping, store
from engine.launchers.base import Launcher
from engine.launchers.processes import Identity
from engine.runs import files, spec
from engine.runs.fence import Superseded
from engine.runs.spec import RunSpec

# No attempt has this number.
NOBODY = 0


class Mirror(shipping.Mirror):
    """Keeps the storage like a worker's folder for as long as it is that worker's turn."""

    def run(self) -> None:
        """Copy until ``finish``, or until another attempt has begun elsewhere."""
        try:
            super().run()
        except Superseded:
            fence(self._folder)

    def permit(self) -> None:
        """Raise Superseded where the storage belongs to another attempt than this folder."""
        there = attempt_at(self._place)
        if there is not None and there != spec.read_attempt(self._folder):
            raise Superseded(f"Attempt {there} has begun on another machine.")


# Of each folder that is worked in here; another runner of this machine begins anew.
_mirrors: dict[Path, Mirror] = {}


class Stored:
    """Lets another launcher start workers, and keeps their folders on the storage."""

    def __init__(self, inner: Launcher) -> None:
        self._inner = inner

    def start(self, folder: Path, asked: RunSpec, gpus: Sequence[str]) -> Identity | None:
        """Bring the folder to the storage, its new attempt first, and start the worker."""
        # From here on whoever worked on it elsewhere is late.
        shipping.send_file(spec.FILE, folder, store.place_of(folder))
        mirror = Mirror(folder, store.place_of(folder))
        mirror.copy()
        started = self._inner.start(folder, asked, gpus)
        _begin(mirror, folder)
        return started

    def is_alive(self, folder: Path) -> bool:
        """Tell whether the folder's worker may still be at work."""
        return self._inner.is_alive(folder)

    def fetch(self, folder: Path, whole: bool) -> None:
        """See that a mirror is there; with ``whole`` bring the rest to the storage.

        Pages of other machines read there: what a run ends with is there before they are told.
        """
        self._inner.fetch(folder, whole)
        if base.read(folder) is None:
            return
        mirror = _mirrors.get(folder) or _begin(Mirror(folder, store.place_of(folder)), folder)
        if whole:
            _mirrors.pop(folder, None)
            try:
                mirror.finish()
            except Superseded:
                fence(folder)

    def ask_to_stop(self, folder: Path, wish: str) -> None:
        """Ask the worker to stop."""
        self._inner.ask_to_stop(folder, wish)

    def kill(self, folder: Path, process: Identity | None) -> None:
        """End the worker without asking it."""
        self._inner.kill(folder, process)

    def last_words(self, folder: Path) -> str:
        """Return what a worker that is gone said last."""
        return self._inner.last_words(folder)


def bring(folder: Path) -> bool:
    """Bring a folder from the storage where what lies there is newer; return whether it was.

    It takes the place of the one here whole, or not at all.
    """
    place = store.place_of(folder)
    there = attempt_at(place) if place else None
    if there is None or attempt_here(folder) >= there:
        return False
    fetch(folder)
    return True


def listen(folder: Path) -> None:
    """Bring the events that are new on the storage, if there is one; not yet the outcome."""
    if place := store.place_of(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shipping.fetch_events(folder, place)


def collect(folder: Path) -> None:
    """Bring the whole folder from the storage, if there is one and it is there."""
    place = store.place_of(folder)
    if place and attempt_at(place) is not None:
        fetch(folder)


def fetch(folder: Path) -> None:
    """Bring a folder from the storage, in place of the one here."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder.with_name(f"{shipping.DRAFT}{uuid.uuid4().hex}")
    draft.mkdir(mode=0o700)
    try:
        shipping.download(store.place_of(folder), draft)
        if folder.exists():
            aside = folder.with_name(f"{shipping.DRAFT}{uuid.uuid4().hex}")
            folder.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def fence(folder: Path) -> None:
    """Let a worker here that outlived its turn write nothing any more.

    What lies here is older than what any other attempt brings, so it is nobody's turn from now on.
    """
    if folder.is_dir():
        spec.write(folder, replace(spec.read(folder), attempt=NOBODY))


def clear(folder: Path) -> None:
    """Remove a folder from the storage, if there is one."""
    if place := store.place_of(folder):
        shipping.clear(place)


def attempt_at(place: str) -> int | None:
    """Return whose turn it is on the storage; None where there is no such folder."""
    found = shipping.read(f"{place}/{spec.FILE}")
    if found is None:
        return None
    with files.reading(Path(spec.FILE)):
        return int(json.loads(found)["attempt"])


def attempt_here(folder: Path) -> int:
    """Return whose turn it is in the folder here, or whose it was at last."""
    return spec.read_attempt(folder) if (folder / spec.FILE).is_file() else NOBODY


def _begin(mirror: Mirror, folder: Path) -> Mirror:
    """Let a mirror copy on; one runner at a time looks after a folder."""
    _mirrors[folder] = mirror
    mirror.start()
    return mirror
