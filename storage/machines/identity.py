"""Which machine this is: an id that lies on its own disk, never in the home that machines share.

A disk may be shared after all (a user's folder on a server of files), so the machine's name is
part of the file's name and of the identity.
"""

from __future__ import annotations

import os
import re
import socket
import uuid
from pathlib import Path

from storage import atomic
from storage.errors import StorageError
from storage.home import FileLock

FOLDER, TAGS = "WHETSTONE_MACHINE", "WHETSTONE_TAGS"


def name() -> str:
    """Return what this machine is called in its network."""
    return socket.gethostname() or "machine"


def folder() -> Path:
    """Return this machine's own folder, made on first use; raises StorageError."""
    chosen = os.environ.get(FOLDER)
    path = Path(chosen).expanduser().absolute() if chosen else _platform_folder()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {path} cannot be made ({error.strerror}): set {FOLDER} to a folder on "
            "this machine's own disk that you may write to."
        ) from error
    return path


def own_id() -> str:
    """Return what names this machine and no other, also after it was started anew."""
    host = re.sub(r"[^\w.-]", "_", name())[:100]
    path = folder() / f"{host}.id"
    if not path.exists():
        atomic.create(path, uuid.uuid4().hex.encode())
    return f"{host}-{path.read_text(encoding='utf-8').strip()}"


def seat(database: str) -> FileLock:
    """Return the lock whose holder serves a database's queue on this machine."""
    return FileLock(folder() / f"runner-{database}.lock")


def tags() -> tuple[str, ...]:
    """Return what this machine is said to have besides, as WHETSTONE_TAGS lists it."""
    return split(os.environ.get(TAGS, ""))


def split(text: str) -> tuple[str, ...]:
    """Read a list of tags with commas between; each once, in order of the alphabet."""
    return tuple(sorted({part.strip() for part in text.split(",")} - {""}))


def _platform_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_state_dir("whetstone", appauthor=False))
