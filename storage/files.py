"""A database's file as the system sees it: who may change it, who may read it, how to name it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from storage.errors import StorageError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
# SQLite makes the index of a log, of 32 KiB, when a file is opened, and needs a few pages more.
INDEX, LEAST = 32 * 2**10, 128 * 2**10
# The log, its index, and two locks of ours.
FILES = 4


def is_writable(path: Path) -> bool:
    """Tell whether this process may change a file and those beside it, as a log needs."""
    return all(_may(each, os.W_OK) for each in (path, path.parent) if each.exists())


def is_open(folder: Path) -> bool:
    """Tell whether this process may see what lies in a folder, and look at it."""
    return os.access(
        folder, os.R_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids
    )


def has_room(path: Path) -> bool:
    """Tell whether the disk has room for what SQLite needs to open a file and change it.

    Where somebody has it open what is needed is there already.
    """
    index = _looked_at(Path(f"{path}-shm"))
    there = index is not None and index.st_blocks * 512 >= INDEX
    return there or (shutil.disk_usage(path.parent).free >= LEAST and takes_files(path.parent))


def takes_files(folder: Path) -> bool:
    """Tell whether more files can be made on a disk; it may be full of small ones."""
    found = os.statvfs(folder)
    # Some kinds of disks have no such limit, and say that there are 0 in all.
    return not found.f_files or found.f_favail >= FILES


def address(path: Path, mode: str = "") -> str:
    """Return the address by which SQLite opens a file that is there.

    A ``mode`` of its own is for files that are only looked at; else it is what the file allows.
    """
    mode = mode or ("mode=rw" if is_writable(path) and has_room(path) else quiet(path))
    return f"file:{quote(str(path))}?{mode}"


def quiet(path: Path) -> str:
    """Return the mode in which a look at a file leaves it and its folder as they are."""
    log = _looked_at(Path(f"{path}-wal"))
    # Without a log nobody is at work on it, and none may be made beside it.
    alone = not Path(f"{path}-shm").exists() and (log is None or not log.st_size)
    return "immutable=1" if alone else "mode=ro"


def _looked_at(path: Path) -> os.stat_result | None:
    """Return what the system says of a file; it may go at any moment, as others close it."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read, where there is none."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def make_folder(folder: Path, *, exist_ok: bool = True) -> Path:
    """Make a folder that only its owner may read, and those above it; raise StorageError."""
    try:
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=exist_ok)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be made ({error.strerror}): check the disk and your "
            "rights."
        ) from error
    return folder


def close_to_others(paths: Iterable[Path]) -> None:
    """Take the rights of others from files and folders that are there and belong to this user."""
    for path in paths:
        if path.exists() and _is_open_to_others(path.stat()) and not _is_fixed(path):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)


def _is_open_to_others(found: os.stat_result) -> bool:
    # A folder in which everybody may make files, as /tmp, is nobody's own.
    own = found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX
    return own and bool(found.st_mode & OTHERS)


def _is_fixed(path: Path) -> bool:
    """Tell whether a file lies on a disk that is mounted to be read only."""
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _may(path: Path, how: int) -> bool:
    return os.access(path, how, effective_ids=os.access in os.supports_effective_ids)
