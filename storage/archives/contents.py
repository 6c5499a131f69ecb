"""What an archive holds, as its manifest says, and each file of it held against that.

Nothing is believed of an archive: names are those of a few known places, and no file may be
longer than the manifest says or have another hash (zip slip, CWE-22; zip bombs, CWE-409).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.engines import revisions
from storage.errors import InputError, NewerDatabaseError, StorageError

FORMAT = "whetstone-archive"
VERSION = 1
MANIFEST = "manifest.json"
TABLES, RUNS, CATALOGUES = "tables", "runs", "catalogues"
SETTINGS = f"{TABLES}/settings.jsonl"
_MOST_MANIFEST = 64 * 1024**2
_HEAD = 4_096
_RESERVE = 64 * 1024**2
_CHUNK = 1024**2
# A ValueError is of a place before the file's begin, a RuntimeError of a password.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError),
    RuntimeError,
)
_PART = r"[^/\\:\x00-\x1f\x7f]{1,255}"
_NAME = re.compile(
    rf"{TABLES}/[a-z_]{{1,60}}\.jsonl|{CATALOGUES}/[0-9a-f]{{32}}\.parquet"
    rf"|{RUNS}/[0-9]{{1,18}}/{_PART}(/{_PART}){{0,8}}"
)


@dataclass(frozen=True)
class Contents:
    """An archive that was opened: its zip and what its manifest says."""

    path: Path
    archive: zipfile.ZipFile
    revision: str
    project: str
    files: Mapping[str, Mapping[str, Any]]

    def names(self, folder: str) -> list[str]:
        """Return the names of the files below a folder."""
        return [name for name in self.files if name.startswith(f"{folder}/")]

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file; raise InputError where it is not what the manifest says."""
        rest = b""
        for piece in self._pieces(name):
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines
        if rest:
            raise damaged(self.path, f"{name} is cut off")

    def extract(self, name: str, target: Path) -> None:
        """Write a file to a place of its own; raise InputError likewise."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as file:
            for piece in self._pieces(name):
                file.write(piece)

    def _pieces(self, name: str) -> Iterator[bytes]:
        size, digest, said = 0, hashlib.sha256(), self.files[name]
        try:
            with self.archive.open(name) as file:
                while piece := file.read(_CHUNK):
                    size += len(piece)
                    digest.update(piece)
                    if size > said["bytes"]:
                        break
                    yield piece
        except _DAMAGED as error:
            raise damaged(self.path, f"{name}: {error}") from error
        if (size, digest.hexdigest()) != (said["bytes"], said["sha256"]):
            raise damaged(self.path, f"{name} is not what the manifest says")


def is_archive(path: Path) -> bool:
    """Tell an archive of a project from other files and other zips, by its manifest's beginning."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(MANIFEST) as file:
            return f'"{FORMAT}"'.encode() in file.read(_HEAD)
    # A RuntimeError says that it is locked by a password.
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, RuntimeError):
        return False


@contextmanager
def opened(path: Path, room: Path) -> Iterator[Contents]:
    """Open an archive and check what can be told before reading it.

    ``room`` is the folder on whose disk its files will lie. Raises InputError for what is no
    archive or a damaged one, NewerDatabaseError, StorageError where the disk is too full.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield _checked(path, archive, room)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise damaged(path, str(error)) from error
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}: check its name.") from error


def _checked(path: Path, archive: zipfile.ZipFile, room: Path) -> Contents:
    manifest = _manifest(path, archive)
    if manifest.get("version") != VERSION:
        raise NewerDatabaseError(
            f"{path} was made by a newer version of Whetstone (its archives have version "
            f"{str(manifest.get('version'))[:20]}, this one reads {VERSION}): update Whetstone."
        )
    files, revision = manifest["files"], str(manifest["revision"])
    revisions.check(revision, str(path))
    present = [each.filename for each in archive.infolist() if each.filename != MANIFEST]
    if sorted(present) != sorted(files):
        raise damaged(path, "its files are not those of its manifest")
    for name in files:
        if not _NAME.fullmatch(name) or any(not part.strip(". ") for part in name.split("/")):
            raise damaged(path, f"{name[:80]!r} is no name of a file in an archive")
    need = sum(each["bytes"] for each in files.values()) + _RESERVE
    free = shutil.disk_usage(room).free
    if need > free:
        raise StorageError(
            f"The disk of {room} is too full for {path} (needs {need / 1e6:,.0f} MB, has "
            f"{free / 1e6:,.0f} MB): free some space."
        )
    return Contents(path, archive, revision, str(manifest.get("project", "")), files)


def _manifest(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    if MANIFEST not in archive.namelist():
        raise InputError(
            f"{path} is no archive of a project, or was not written to its end: make it again."
        )
    try:
        with archive.open(MANIFEST) as file:
            data = file.read(_MOST_MANIFEST + 1)
    except _DAMAGED as error:
        raise damaged(path, f"{MANIFEST}: {error}") from error
    try:
        found = json.loads(data)
        good = found["format"] == FORMAT and isinstance(found["revision"], str)
        sizes = [(each["bytes"], each["sha256"]) for each in found["files"].values()]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(path, "its manifest is broken") from error
    whole = all(type(size) is int and size >= 0 and isinstance(sha, str) for size, sha in sizes)
    if not good or not whole or len(data) > _MOST_MANIFEST:
        raise damaged(path, "its manifest is broken")
    return found


def damaged(path: Path, reason: str) -> InputError:
    """Return the error that says why an archive is not believed."""
    return InputError(f"The archive {path} is damaged ({reason[:200]}): make it again.")
