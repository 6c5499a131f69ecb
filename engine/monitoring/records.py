"""Dated texts in files that may grow: CSV, TSV, JSON lines, Parquet, a folder of them or of texts.

A file is read from its beginning every time, and each row has a key by which it is known again:
what its column of ids says, else its date and text and how many rows of the file were the same
before. So a row that was counted is not counted again, also where the file was copied, renamed or
began anew; rows that are equal in all that counts are told apart in one file, not in two.

Of a file that is still being written the last row may be half there: with ``growing`` it is left
for the next time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.monitoring import rows
from storage.errors import InputError

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
TEXTS = (".txt",)
TEXT_NAMES = ("text", "sentence", "content", "body", "message", "tweet", "review", "title")
DATE_NAMES = ("date", "created_at", "timestamp", "time", "datetime", "published", "day", "when")
_DAY_IN_NAME = re.compile(r"(?<!\d)(\d{4})-?([01]\d)-?([0-3]\d)(?!\d)")
# So many folders deep, so that a link in a circle comes to an end.
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what; "" is found by its name, or is not there."""

    date: str = ""
    text: str = ""
    second: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One dated text; ``date`` is as the file writes it."""

    key: str
    date: str
    text: str
    second: str | None = None


@dataclass(slots=True)
class Taken:
    """What was read, and what was left out."""

    records: list[Record] = field(default_factory=list)
    blank: int = 0
    """Rows without a text."""
    broken: list[str] = field(default_factory=list)
    """What is wrong with rows that cannot be read; they are left out."""


def files_of(source: Path) -> list[Path]:
    """Return the files of a source, in order; raise InputError where there is none to read."""
    if source.is_dir():
        found = [path for path in _walk(source, _DEEPEST) if _is_known(path)]
        if not found:
            raise InputError(
                f"The folder {source} holds no {', '.join(TABLES)} or .txt file: put one there."
            )
        return found
    if not source.exists():
        raise InputError(f"{source} is not there: check the path.")
    if not source.is_file():
        raise InputError(f"{source} is a pipe or a device and no file: save what it gives.")
    if not _is_known(source):
        raise InputError(
            f"{source.name} is none of {', '.join(TABLES)} or .txt: rename or save it."
        )
    return [source]


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be read ({error.strerror}): check its permissions."
        ) from error
    for entry in entries:
        # A file that a program writes aside, and renames when it is whole, begins so.
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and depth:
            yield from _walk(entry, depth - 1)
        elif entry.is_file():
            yield entry


def _is_known(path: Path) -> bool:
    return path.suffix.lower() in (*TABLES, *TEXTS)


def signature(source: Path) -> str:
    """Return what changes when a source grows: sizes and times of its files."""
    told = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files_of(source)]
    return hashlib.sha256(json.dumps(told).encode("utf-8", "replace")).hexdigest()[:32]


def columns_of(source: Path) -> list[str]:
    """Return the names of the columns of the first table of a source; none where it has none."""
    for path in files_of(source):
        if path.suffix.lower() in TEXTS:
            continue
        if row := rows.first_of(path):
            return list(row)
    return []


def take(source: Path, columns: Columns, *, growing: bool = False) -> Taken:
    """Read every row of a source.

    Raises InputError, with the file and the line, where a file cannot be read or lacks a column.
    """
    taken = Taken()
    for path in files_of(source):
        if path.suffix.lower() in TEXTS:
            _take_text(path, taken)
        else:
            _take_table(path, columns, growing, taken)
    if taken.broken and not taken.records and not taken.blank:
        raise InputError(taken.broken[0])
    return taken


def _take_text(path: Path, taken: Taken) -> None:
    """Take a file of text whole; its day is in its name, else it is when it was written."""
    text = rows.text_of(path).strip()
    if not text:
        taken.blank += 1
        return
    named = _DAY_IN_NAME.search(path.name)
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    # Without the time: a file that was copied has the same text and name, and another time.
    day = "-".join(named.groups()) if named else written.date().isoformat()
    key = _key(path.name, day if named else "", text)
    taken.records.append(Record(key, day, text))


def _take_table(path: Path, columns: Columns, growing: bool, taken: Taken) -> None:
    seen: Counter[str] = Counter()
    chosen: Columns | None = None
    for line, row in rows.of_file(path, growing):
        if isinstance(row, str):
            taken.broken.append(row)
            continue
        chosen = chosen or _choose(path, list(row), columns)
        text, day = _cell(row.get(chosen.text)), _cell(row.get(chosen.date))
        second = _cell(row.get(chosen.second)) if chosen.second else None
        if "\0" in text + day + (second or ""):
            taken.broken.append(
                f"{path.name}, line {line}: a cell holds a NUL character; remove it."
            )
            continue
        if not text.strip():
            taken.blank += 1
            continue
        own = _cell(row.get(chosen.id)).strip() if chosen.id else ""
        if own:
            key = _key("id", own)
        else:
            same = _key(day, text, second or "")
            seen[same] += 1
            key = _key(same, str(seen[same]))
        taken.records.append(Record(key, day, text, second))


def _key(*parts: str) -> str:
    told = json.dumps(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:32]


def _cell(value: Any) -> str:
    """Return a cell as text; a number as it is written, a date as ISO writes it."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _choose(path: Path, names: Sequence[str], asked: Columns) -> Columns:
    """Return the columns by name; raise InputError where one is not there or not to be found."""
    text = _one(path, names, asked.text, TEXT_NAMES, "text")
    day = _one(path, names, asked.date, DATE_NAMES, "date")
    for name in filter(None, (asked.second, asked.id)):
        _one(path, names, name, (), "")
    return Columns(day, text, asked.second, asked.id)


def _one(path: Path, names: Sequence[str], asked: str, usual: Sequence[str], what: str) -> str:
    if asked in names and asked:
        return asked
    listed = ", ".join(name[:40] for name in names[:20])
    if asked:
        raise InputError(f"{path.name} has no column {asked[:60]!r}; choose one of {listed}.")
    lower = {name.strip().lower(): name for name in reversed(names)}
    found = next((lower[name] for name in usual if name in lower), None)
    if found is None:
        raise InputError(f"Which column of {path.name} is the {what}? Choose one of {listed}.")
    return found
