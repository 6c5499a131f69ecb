"""What somebody gives to be imported: files, folders and archives, read with a limit."""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile

MAX_BYTES = 50 * 1024 * 1024
MAX_TOGETHER = 4 * MAX_BYTES
MAX_FILES = 200_000

# A path, or what a browser uploaded: (name, bytes).
Upload = str | os.PathLike[str] | tuple[str, bytes]

# What systems leave in folders and archives, and nobody means.
_LEFT = ("__MACOSX", "Thumbs.db", "desktop.ini")
# Parts of a path that name no folder: some programs write "./spam/1.txt".
_AROUND = ("", ".", "..")


class _NoFileError(Exception):
    """What was given is neither a file nor a folder."""


class _TooLargeError(Exception):
    """What is inside of a folder or an archive is too much."""


def name_of(upload: Upload) -> str:
    """Return the name of what was given, without the folders around it."""
    # Browsers and archives may send folders along; "\\" comes from Windows.
    name = upload[0] if isinstance(upload, tuple) else os.fspath(upload)
    last = re.split(r"[/\\]", str(name).rstrip("/\\"))[-1]
    # What is no UTF-8 in a file's name reaches Python as halves of surrogate pairs.
    return re.sub("[\ud800-\udfff]", "\ufffd", last)


def load(upload: Upload, report: Problems, *, folders: bool = False) -> InputFile | None:
    """Return what was given, with its ``members`` where it holds several; None after an error.

    Without ``folders`` a folder or an archive is an error.
    """
    try:
        if folders and not isinstance(upload, tuple) and Path(upload).is_dir():
            return InputFile(report.file, b"", tuple(_in_folder(Path(upload))))
        data = _bytes(upload)
        if folders and _is_archive(data) and len(data) <= MAX_BYTES:
            return InputFile(report.file, b"", tuple(_in_archive(data)))
    except IsADirectoryError:
        report.refuse("This is a folder; choose the files inside it.")
    except _NoFileError:
        report.refuse("This is a pipe or a device and no file; save what it gives as a file.")
    except FileNotFoundError:
        report.refuse("The file does not exist; check its name.")
    except _TooLargeError as error:
        report.refuse(str(error))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        report.refuse("The archive is damaged or locked by a password; pack it anew as ZIP.")
    except OSError as error:
        report.refuse(f"The file cannot be read ({error.strerror}); check its permissions.")
    else:
        return _checked(data, report)
    return None


def _checked(data: bytes, report: Problems) -> InputFile | None:
    # Byte order marks and blanks alone are nothing to import either.
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 1024**2
        report.refuse(f"The file is larger than {limit} MB; split it into smaller files.")
    elif not data.removeprefix(b"\xef\xbb\xbf").strip():
        report.refuse("The file is empty; choose a file with text in it.")
    else:
        return InputFile(report.file, data)
    return None


def _bytes(upload: Upload) -> bytes:
    if isinstance(upload, tuple):
        return upload[1]
    path = Path(upload)
    # A pipe would be waited for without end.
    if path.exists() and not path.is_file() and not path.is_dir():
        raise _NoFileError
    # One byte more than allowed tells a file that is too large without reading all of it.
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _is_archive(data: bytes) -> bool:
    """Tell an archive of files from a workbook, which is one, too."""
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except zipfile.BadZipFile:
        return True


def _in_archive(data: bytes) -> Iterator[InputFile]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = [each for each in archive.infolist() if not each.is_dir() and _meant(each.filename)]
        # What the archive says of itself may be wrong: what comes out is counted, too.
        left = _limits(each.file_size for each in found)
        for each in sorted(found, key=lambda each: each.filename):
            with archive.open(each) as file:
                content = file.read(left + 1)
            left -= len(content)
            _limits([] if left >= 0 else [MAX_TOGETHER + 1])
            yield InputFile(_clean(each.filename), content)


def _in_folder(folder: Path) -> Iterator[InputFile]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    paths = [path for path in paths if _meant(str(path.relative_to(folder)))]
    _limits(path.stat().st_size for path in paths)
    for path in paths:
        yield InputFile(_clean(path.relative_to(folder).as_posix()), path.read_bytes())


def _limits(sizes: Iterable[int]) -> int:
    """Return how many bytes may be read; raise where files are too many or too large."""
    sizes = list(sizes)
    if len(sizes) > MAX_FILES:
        raise _TooLargeError(f"There are more than {MAX_FILES:,} files in it; import a part.")
    if sum(sizes) > MAX_TOGETHER:
        limit = MAX_TOGETHER // 1024**2
        raise _TooLargeError(f"There are more than {limit} MB in it; import a part.")
    return MAX_TOGETHER


def _meant(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return not any(part.startswith(".") or part in _LEFT for part in parts if part not in _AROUND)


def _clean(name: str) -> str:
    """Return a path inside of a folder or an archive, with nothing that leads out of it."""
    parts = re.split(r"[/\\]", re.sub("[\ud800-\udfff]", "\ufffd", name))
    return "/".join(part for part in parts if part not in _AROUND)
