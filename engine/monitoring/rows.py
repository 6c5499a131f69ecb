"""Rows of tables in files, with their lines: CSV, TSV, JSON lines, Parquet; texts in UTF-8."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from storage.errors import InputError

# Python refuses fields of more than 131,072 characters; these are bounded by the file.
csv.field_size_limit(2**31 - 1)
MOST_BYTES = 1024**3
BEGINNING = 1024**2
_HEAD = 65_536

Line = tuple[int, Mapping[str, Any] | str]


def first_of(path: Path) -> Mapping[str, Any] | None:
    """Return the first row of a table; of a large file its beginning is read and no more."""
    for most in (BEGINNING, None):
        for _, row in of_file(path, growing=True, most=most):
            if not isinstance(row, str):
                return row
    return None


def of_file(path: Path, growing: bool, most: int | None = None) -> Iterator[Line]:
    """Yield the rows of a table with their lines, from 1; of a broken row what is wrong with it.

    With ``most`` those of its first bytes, where it is no Parquet file.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"{path.name} is larger than 1 GB: split it into a folder of files.")
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _of_parquet(path, growing)
    text = text_of(path, most)
    if growing:
        # A row that has no end yet is still being written.
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
    if kind in (".jsonl", ".ndjson"):
        return _of_json(path, text)
    return _of_csv(path, text, growing)


def text_of(path: Path, most: int | None = None) -> str:
    """Return a file's text, or that of its first bytes; raise InputError where it is none."""
    try:
        with path.open("rb") as file:
            data = file.read(-1 if most is None else most)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}): check its permissions."
        ) from error
    # What was cut in the middle of a character comes whole the next time.
    for cut in range(4):
        try:
            return data[: len(data) - cut or None].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if error.start < len(data) - 4 or cut == 3:
                line = data.count(b"\n", 0, error.start) + 1
                raise InputError(
                    f"{path.name}, line {line}: the byte 0x{data[error.start]:02X} is not valid "
                    "UTF-8; save the file as UTF-8."
                ) from error
    raise AssertionError("the last try returns or raises")


def _of_csv(path: Path, text: str, growing: bool) -> Iterator[Line]:
    head = text[:_HEAD].partition("\n")[0]
    tabs = path.suffix.lower() == ".tsv" or head.count("\t") > head.count(",")
    delimiter = "\t" if tabs else max(",;|", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    start = 1
    try:
        for cells in reader:
            if not names:
                names = cells
            elif cells and len(cells) != len(names):
                yield (
                    start,
                    f"{path.name}, line {start}: the row has {len(cells)} cells where the table "
                    f"has {len(names)} columns; quote cells that hold the delimiter.",
                )
            elif cells:
                yield start, dict(zip(names, cells, strict=True))
            start = reader.line_num + 1
    except csv.Error as error:
        if growing and "unexpected end" in str(error):
            return
        raise InputError(
            f"{path.name}, line {start}: the quotes do not match ({error}); double every quote "
            "inside a quoted cell."
        ) from error


def _of_json(path: Path, text: str) -> Iterator[Line]:
    for line, row in enumerate(text.split("\n"), start=1):
        if not row.strip():
            continue
        try:
            found = json.loads(row)
        except (ValueError, RecursionError):
            yield line, f"{path.name}, line {line}: this is no JSON; correct it."
            continue
        known = isinstance(found, dict)
        yield (
            line,
            found if known else f"{path.name}, line {line}: a row is a JSON object; correct it.",
        )


def _of_parquet(path: Path, growing: bool) -> Iterator[Line]:
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        line = 0
        for batch in file.iter_batches(batch_size=4096):
            for row in batch.to_pylist():
                line += 1
                yield line, row
    except (pyarrow.ArrowException, OSError) as error:
        if growing and _is_unfinished(path):
            return
        raise InputError(
            f"{path.name} is no Parquet file that can be read: save it anew."
        ) from error


def _is_unfinished(path: Path) -> bool:
    """Tell a Parquet file that is still being written: its last bytes are not there yet."""
    with path.open("rb") as file:
        file.seek(max(0, os.path.getsize(path) - 4))
        return file.read() != b"PAR1"
