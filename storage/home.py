"""Where Whetstone keeps a person's data, and the locks that guard it."""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from storage import atomic, files
from storage.errors import BusyError, StorageError

SECRET_BYTES = 32
DATABASE = "whetstone.db"
ERRORS = "errors.log"
# What a search looks through (``storage/texts``).
TEXTS = "texts"
# What holds a person's texts, or what they did.
PRIVATE = (
    *(DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", ERRORS),
    *("smtp-password", "zero-shot-key", "zero-shot.cache*", "monitors", "monitors/*"),
    *("backups", "backups/*", "set-aside", "set-aside/*", "set-aside/*/*", "runs", "runs/*"),
    *(TEXTS, f"{TEXTS}/*", f"{TEXTS}/*/*", "services", "services/*"),
    *("runs/*/*.parquet", "runs/*/*.log", "catalogues", "catalogues/*"),
)


def folder() -> Path:
    """Return the home folder, made on first use and private to its owner.

    Raises StorageError where the folder cannot be made, or is another user's.
    """
    chosen = os.environ.get("WHETSTONE_HOME")
    path = Path(chosen).expanduser().absolute() if chosen else _platform_folder()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {path} cannot be made ({error.strerror}): "
            "set WHETSTONE_HOME to a folder that you may write to."
        ) from error
    if not files.is_open(path):
        raise StorageError(
            f"The folder {path} belongs to another user of this computer: start this as them, or "
            "set WHETSTONE_HOME to a folder of your own."
        )
    return path


def close_to_others() -> None:
    """Take from others what earlier versions let them read in this home."""
    place = folder()
    files.close_to_others([place, *(path for name in PRIVATE for path in place.glob(name))])


def database_url() -> str:
    """Return the SQLAlchemy URL in WHETSTONE_DB, else that of the file in the home folder."""
    return os.environ.get("WHETSTONE_DB") or f"sqlite:///{folder() / DATABASE}"


def lock_file(path: Path, name: str) -> Path:
    """Return a lock file of one database: two may lie in a folder, each with its own queue."""
    path = path.resolve()
    # The home's own database keeps the names that every version locks.
    return path.with_name(name if path.name == DATABASE else f"{path.name}.{name}")


def run_folder(name: str) -> Path:
    """Return the folder that a run calls its own (``Run.folder``); it need not exist yet.

    Raises StorageError where that is no name, as in a database that somebody damaged.
    """
    if not re.fullmatch(r"\w[\w-]*", name, re.ASCII):
        raise StorageError(f"{name!r} is no name of a run's folder: the database is damaged.")
    return folder() / "runs" / name


def catalogue_file(fingerprint: str) -> Path:
    """Return the file of the items that hash to this; it need not be there.

    Raises StorageError where that is no hash, as in a database that somebody damaged.
    """
    if not re.fullmatch(r"[0-9a-f]{32}", fingerprint):
        raise StorageError(f"{fingerprint!r} is no name of a catalogue: the database is damaged.")
    return folder() / "catalogues" / f"{fingerprint}.parquet"


def run_folders() -> list[Path]:
    """Return the folders of runs that there are, of every database of this home."""
    place = folder() / "runs"
    return [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []


def user_name() -> str:
    """Return the system's name for this user, "annotator" where it has none."""
    try:
        return getpass.getuser() or "annotator"
    except (KeyError, OSError, ImportError):
        # A container's user often has no entry in the password file.
        return "annotator"


def secret() -> bytes:
    """Return the 32 random bytes kept in the home folder, made on first use.

    A home that can only be read has one for as long as this process lives. Raises
    StorageError where the file does not hold 32 bytes.
    """
    path = folder() / "secret"
    if not path.exists():
        if not files.is_writable(path):
            return _passing_secret()
        atomic.create(path, secrets.token_bytes(SECRET_BYTES))
    files.close_to_others([path])
    value = path.read_bytes()
    if len(value) != SECRET_BYTES:
        raise StorageError(f"The file {path} is damaged: delete it and reload the open pages.")
    return value


def mark() -> str:
    """Return what tells this home from others, to whoever may look into neither; "" for none."""
    try:
        return hashlib.sha256(b"home" + secret()).hexdigest()[:16]
    except (OSError, StorageError):
        # Its pages say what is wrong.
        return ""


@contextmanager
def lock(path: Path, *, shared: bool = False, timeout: float | None = None) -> Iterator[int]:
    """Hold an advisory lock on a file and yield its descriptor.

    ``timeout`` is in seconds: None waits for ever, 0 does not wait.
    Raises BusyError where somebody else holds the lock for longer, StorageError where
    the file cannot be opened.
    """
    descriptor = _locked(path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, timeout)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(path: Path, mode: int, timeout: float | None) -> int:
    """Return the descriptor of a lock that is held, and whose file is still the one of its name."""
    while True:
        descriptor = _open_lock(path)
        try:
            _wait(descriptor, mode, timeout, path)
        except BaseException:
            os.close(descriptor)
            raise
        if _is_in_place(descriptor, path):
            return descriptor
        # Somebody deleted the file while we waited: others make another, and hold that.
        os.close(descriptor)


class FileLock:
    """A lock that one holder keeps for long, in one process at a time."""

    def __init__(self, path: Path):
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free and return whether this object holds it now."""
        if self._descriptor is not None and not _is_in_place(self._descriptor, self._path):
            # Somebody deleted the file: the next one to ask makes another, and would lead too.
            self.release()
        if self._descriptor is None:
            descriptor = _open_lock(self._path)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            self._descriptor = descriptor
        return True

    def beat(self) -> None:
        """Do nothing: the system knows whose lock it is."""

    def release(self) -> None:
        """Give the lock back if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _is_in_place(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _open_lock(path: Path) -> int:
    try:
        return _make_lock(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise _unopened(path, error) from error
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unopened(path, error) from error


def _make_lock(path: Path) -> int:
    """Make a lock file; one that root makes in somebody's folder is theirs, as SQLite's logs are.

    Only what was made just now is given away: a link could stand for any file.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != os.fstat(descriptor).st_uid:
        # A disk of another machine may not know root; what is made there is nobody's anyway.
        with suppress(PermissionError):
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def _unopened(path: Path, error: OSError) -> StorageError:
    if isinstance(error, PermissionError) and path.exists() and files.is_writable(path.parent):
        return StorageError(
            f"The lock file {path} belongs to another user: delete it where they have Whetstone "
            "closed, then try again; a new one is made by itself."
        )
    return StorageError(
        f"The lock file {path} cannot be opened ({error.strerror}): "
        "check that the folder is there, and that it and this file are yours to write to."
    )


def _wait(descriptor: int, mode: int, timeout: float | None, path: Path) -> None:
    if timeout is None:
        fcntl.flock(descriptor, mode)
        return
    deadline = time.monotonic() + timeout
    pause = 0.001
    # flock has no time limit of its own, so ask again in growing steps.
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusyError(
                    f"Somebody else has held {path} for {timeout:g} seconds: try again shortly."
                ) from None
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


@cache
def _passing_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _platform_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("whetstone", appauthor=False))
