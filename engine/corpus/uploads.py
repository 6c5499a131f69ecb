"""What somebody gives to be imported: files, folders and archives, opened where they are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from engine.formats import archives
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile

# A path, or what a browser uploaded: its name with its bytes, or with where they lie; of a folder
# the files in it, each by its place there.
Folder = tuple[str, tuple[tuple[str, Path], ...]]
Upload = str | os.PathLike[str] | tuple[str, bytes] | tuple[str, Path] | Folder

# What systems leave in folders and archives, and nobody means.
_LEFT = ("__MACOSX", "Thumbs.db", "desktop.ini")
# Parts of a path that name no folder: some programs write "./spam/1.txt".
_AROUND = ("", ".", "..")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def name_of(upload: Upload) -> str:
    """Return the name of what was given, without the folders around it."""
    # Browsers and archives may send folders along; "\\" comes from Windows.
    name = upload[0] if isinstance(upload, tuple) else os.fspath(upload)
    last = re.split(r"[/\\]", str(name).rstrip("/\\"))[-1]
    # What is no UTF-8 in a file's name reaches Python as halves of surrogate pairs.
    return re.sub("[\ud800-\udfff]", "\ufffd", last)


def load(upload: Upload, report: Problems) -> InputFile | None:
    """Return what was given, with its ``members`` where it holds several; None after an error."""
    content = upload[1] if isinstance(upload, tuple) else Path(upload)
    if isinstance(content, tuple):
        given = sorted((_clean(name), path) for name, path in content if _meant(name))
        return _several(tuple(InputFile(*each) for each in given), report)
    try:
        if isinstance(content, Path):
            if content.is_dir():
                return _several(tuple(_in_folder(content)), report)
            # A pipe would be waited for without end.
            if content.exists() and not content.is_file():
                report.refuse("This is a pipe or a device and no file; save what it gives.")
                return None
        source = InputFile(report.file, content)
        found = archives.members(content) if archives.is_archive(source.start) else None
    except FileNotFoundError:
        report.refuse("The file does not exist; check its name.")
    except archives.ArchiveError as error:
        report.refuse(str(error))
    except OSError as error:
        report.refuse(f"The file cannot be read ({error.strerror}); check its permissions.")
    else:
        if found is None:
            return _checked(source, report)
        inside = tuple(InputFile(_clean(m.name), m) for m in found if _meant(m.name))
        return _several(inside, report)
    return None


def _several(members: tuple[InputFile, ...], report: Problems) -> InputFile | None:
    if not members:
        report.refuse("There is no file in it; choose another one.")
        return None
    return InputFile(report.file, b"", members)


def _checked(source: InputFile, report: Problems) -> InputFile | None:
    # Byte order marks and blanks alone are nothing to import either.
    start = source.start
    if source.size <= len(start) and not start.removeprefix(_BOMS[0]).strip(b" \t\r\n\0"):
        report.refuse("The file is empty; choose a file with text in it.")
        return None
    return source


def _in_folder(folder: Path) -> Iterator[InputFile]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    paths = [path for path in paths if _meant(str(path.relative_to(folder)))]
    if len(paths) > archives.MOST_FILES:
        most = archives.MOST_FILES
        raise archives.TooLargeError(f"There are more than {most:,} files in it; import a part.")
    for path in paths:
        yield InputFile(_clean(path.relative_to(folder).as_posix()), path)


def _meant(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return not any(part.startswith(".") or part in _LEFT for part in parts if part not in _AROUND)


def _clean(name: str) -> str:
    """Return a path inside of a folder or an archive, with nothing that leads out of it."""
    parts = re.split(r"[/\\]", re.sub("[\ud800-\udfff]", "\ufffd", name))
    return "/".join(part for part in parts if part not in _AROUND)
