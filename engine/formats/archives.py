"""Files inside of ZIP archives, inflated as they are read, within limits that are counted.

What an archive says of its sizes may be forged, so the bytes that come out are counted. Nothing
is unpacked onto the disk, so that no name inside can lead anywhere.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from engine.formats.common.sources import InputFile, most_inflated
from storage.errors import InputError

MOST_FILES = 200_000
MOST_INFLATED = 8 * 1024**3

# Every document of an office has it: a workbook is no archive of files.
_OFFICE = "[Content_Types].xml"

# What the library raises where an archive is not what it should be.
# A ValueError of a place before the file's begin.
_DAMAGED = (ValueError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError)


class ArchiveError(InputError):
    """An archive cannot be read, or must not be."""


class TooLargeError(ArchiveError):
    """What comes out of an archive is too much."""


@contextmanager
def _whole() -> Iterator[None]:
    """Raise ArchiveError for what is damaged."""
    try:
        yield
    except _DAMAGED as error:
        raise ArchiveError(
            "The archive is damaged or locked by a password; pack it anew as ZIP."
        ) from error


@dataclass(frozen=True)
class Member:
    """A file inside of an archive."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    @property
    def name(self) -> str:
        """Its path, as the archive has it."""
        return self.info.filename

    @property
    def size(self) -> int:
        """How many bytes the archive says that it has."""
        return self.info.file_size

    def open(self) -> BinaryIO:
        """Open it from its start; this, and reading, raise ArchiveError."""
        with _whole():
            counted = _Counted(self.archive.open(self.info), max(1, self.info.compress_size))
        return cast(BinaryIO, io.BufferedReader(counted))


class _Counted(io.RawIOBase):
    """A stream that ends with an error where more comes out than fits what went in."""

    def __init__(self, inner: IO[bytes], packed: int) -> None:
        self._inner = inner
        self._most = min(MOST_INFLATED, most_inflated(packed))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with _whole():
            return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: Any) -> int:
        with _whole():
            found = self._inner.read(len(buffer))
        buffer[: len(found)] = found
        if self._inner.tell() > self._most:
            raise TooLargeError(
                "What comes out of the archive is far larger than what went in, as in an attack; "
                "unpack it yourself and import the files."
            )
        return len(found)

    def close(self) -> None:
        self._inner.close()
        super().close()


def is_archive(start: bytes) -> bool:
    """Tell a ZIP archive by how it begins; workbooks are archives, too."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_closed(source: InputFile) -> bool:
    """Tell an archive that lies in another one, or in a folder: nobody opens it."""
    if not is_archive(source.start):
        return False
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            return _OFFICE not in archive.NameToInfo
    except _DAMAGED:
        return True


def members(content: bytes | Path) -> list[Member] | None:
    """Return an archive's files by name, None of a workbook; raises ArchiveError."""
    with _whole():
        archive = zipfile.ZipFile(io.BytesIO(content) if isinstance(content, bytes) else content)
        if not all(info.filename for info in archive.infolist()):
            raise zipfile.BadZipFile("a file without a name")
    if _OFFICE in archive.NameToInfo:
        return None
    found = [info for info in archive.infolist() if not info.is_dir()]
    if len(found) > MOST_FILES:
        raise TooLargeError(f"There are more than {MOST_FILES:,} files in it; import a part.")
    if sum(info.file_size for info in found) > MOST_INFLATED:
        limit = MOST_INFLATED // 1024**3
        raise TooLargeError(f"There are more than {limit} GB in it; import a part.")
    return [Member(archive, info) for info in sorted(found, key=lambda each: each.filename)]
