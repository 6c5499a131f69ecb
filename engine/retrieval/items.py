"""The items of a catalogue, out of a file: each has an id and a text that can be found.

A table (CSV, TSV, Parquet), JSON Lines or plain text, an item a line. A title stands before its
text, as in BEIR's corpora. Items of equal text could never be told apart by what is found, so of
these the first stays.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.formats.common import arrow_batches, csv_rows, jsonl
from engine.formats.common.problems import Problems, sentence, shorten
from engine.formats.common.sources import InputFile, text_of
from engine.runs import tables
from storage.errors import InputError
from storage.types import Severity

TEXTS = (
    *("text", "answer", "description", "body", "content", "passage", "document", "article"),
    *("item", "abstract", "summary", "response", "message", "sentence", "question"),
    *("文本", "答案", "内容", "描述", "正文"),
)
QUERIES = ("query", "question", "text", "title", "message", "history", "问题", "查询")
IDS = ("id", "_id", "doc_id", "docid", "item_id", "key", "sku", "code", "slug", "编号")
TITLES = ("title", "headline", "name", "heading", "subject", "标题", "名称")
_NAME = re.compile(r"[^\W\d][\w .-]{0,39}")
_SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])
# Rows by which columns are told where no name does it.
_LOOKED_AT = 200

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, by name; an empty name is found, or there is none."""

    text: str = ""
    id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """What a file holds, in its order."""

    name: str
    ids: Sequence[str]
    texts: Sequence[str]
    columns: tuple[str, ...] = ()
    """All that the file has."""
    chosen: Columns = Columns()
    blank: int = 0
    """Rows without a text."""
    repeated: int = 0
    """Rows whose text another one has."""

    @property
    def same_id(self) -> int:
        """How many items have the id of one before them: an answer's id does not tell which."""
        return len(self.ids) - len(set(self.ids))

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def fingerprint(self) -> str:
        """Return 32 hex digits that are equal where ids and texts are, in the same order."""
        digest = hashlib.sha256()
        for id, text in zip(self.ids, self.texts, strict=True):
            digest.update(f"{len(id)} {len(text)} {id}{text}".encode())
        return digest.hexdigest()[:32]


def read_queries(source: InputFile, column: str = "") -> list[str]:
    """Read the texts that are to be answered, each as often as it is there; raises InputError."""
    problems = Problems(source.name, skip_bad=True)
    columns, rows = _rows(source, Columns(column), problems)
    _raise(problems)
    column = column or _named(columns, QUERIES, ())
    chosen = _choose(columns, _head(rows), Columns(column), source.name)
    found = [text for cells in rows() if (text := _clean(cells.get(chosen.text, "")))]
    if not found:
        raise InputError(f"{source.name} holds no text to be answered: choose another file.")
    return found


def read(source: InputFile, wanted: Columns = Columns()) -> Items:
    """Read a file's items; raises InputError where it has none, or not the columns wanted."""
    problems = Problems(source.name, skip_bad=True)
    columns, rows = _rows(source, wanted, problems)
    _raise(problems)
    chosen = _choose(columns, _head(rows), wanted, source.name)
    ids, texts, blank, repeated = _take(rows(), chosen)
    _raise(problems)
    if not texts:
        raise InputError(f"{source.name} holds no item with a text: choose another file or column.")
    return Items(source.name, ids, texts, tuple(columns), chosen, blank, repeated)


def _head(rows: Callable[[], Iterator[Cells]]) -> list[Cells]:
    return list(islice(rows(), _LOOKED_AT))


def _clean(text: str) -> str:
    """Return a text that a database takes: no half of a pair of surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ").strip()


def _raise(problems: Problems) -> None:
    for problem in problems.found:
        if problem.severity is Severity.ERROR:
            raise InputError(sentence(problem))


def _take(rows: Iterator[Cells], chosen: Columns) -> tuple[list[str], list[str], int, int]:
    ids: list[str] = []
    texts: dict[str, None] = {}
    blank = repeated = 0
    for number, cells in enumerate(rows, 1):
        parts = [cells.get(name, "") for name in (chosen.title, chosen.text) if name]
        text = "\n".join(filter(None, map(_clean, parts)))
        if not text:
            blank += 1
        elif text in texts:
            repeated += 1
        else:
            texts[text] = None
            ids.append(_clean(cells.get(chosen.id, "")) or str(number))
    return ids, list(texts), blank, repeated


def _rows(
    source: InputFile, wanted: Columns, problems: Problems
) -> tuple[list[str], Callable[[], Iterator[Cells]]]:
    """Return the names of the columns, and what yields the rows by these, as often as asked."""
    if arrow_batches.is_parquet(source):
        return _parquet(source)
    text = text_of(source, problems)
    if text is None:
        _raise(problems)
    if jsonl.looks_like_json(source):
        return _json(source, problems)
    if source.name.lower().endswith(".txt"):
        lines = (text or "").split("\n")
        return ["text"], lambda: ({"text": line} for line in lines if line.strip())
    return _csv(source, wanted, problems)


def _parquet(source: InputFile) -> tuple[list[str], Callable[[], Iterator[Cells]]]:
    try:
        file = pq.ParquetFile(io.BytesIO(source.data))
        names = file.schema_arrow.names
    except pa.ArrowException as error:
        raise InputError(f"{source.name} is no Parquet file that can be read: {error}.") from error

    def rows() -> Iterator[Cells]:
        for batch in file.iter_batches():
            yield from map(_cells, batch.to_pylist())

    return list(names), rows


def _json(source: InputFile, problems: Problems) -> tuple[list[str], Callable[[], Iterator[Cells]]]:
    records = [record for _, record in jsonl.records(source, problems)]
    names = dict.fromkeys(name for record in records[:_LOOKED_AT] for name in record)
    return list(names), lambda: map(_cells, records)


def _cells(record: Mapping[str, Any]) -> Cells:
    """Return what of a record can be a text or an id."""
    return {
        name: value if isinstance(value, str) else str(value)
        for name, value in record.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }


def _csv(
    source: InputFile, wanted: Columns, problems: Problems
) -> tuple[list[str], Callable[[], Iterator[Cells]]]:
    delimiter = csv_rows.delimiter_of(source.head)
    found = [row.cells for row in csv_rows.rows(source, delimiter, problems)]
    if not found:
        raise InputError(f"{source.name} is empty: choose another file.")
    named = _is_header(found, wanted)
    columns = csv_rows.unique(found[0]) if named else [str(n + 1) for n in range(len(found[0]))]
    body = found[1:] if named else found
    return columns, lambda: (dict(zip(columns, cells, strict=False)) for cells in body)


def _is_header(rows: Sequence[Sequence[str]], wanted: Columns) -> bool:
    cells = [cell.strip() for cell in rows[0]]
    known = {*TEXTS, *IDS, *TITLES, wanted.text.lower(), wanted.id.lower(), wanted.title.lower()}
    if any(cell and cell.lower() in known for cell in cells):
        return True
    names = all(_NAME.fullmatch(cell) for cell in cells)
    return names and len(set(cells)) == len(cells) > 1 and len(rows) > 1


def _choose(columns: Sequence[str], head: Sequence[Cells], wanted: Columns, file: str) -> Columns:
    for name in filter(None, (wanted.text, wanted.id, wanted.title)):
        if name not in columns:
            raise InputError(
                f'{file} has no column "{shorten(name)}"; choose one of {", ".join(columns)}.'
            )
    id = wanted.id or _named(columns, IDS, ())
    title = wanted.title or _named(columns, TITLES, (wanted.text, id))
    text = wanted.text or _named(columns, TEXTS, (id, title)) or _longest(columns, head, (id,))
    return Columns(text, id if id != text else "", title if title != text else "")


def _named(columns: Sequence[str], names: Sequence[str], but: Sequence[str]) -> str:
    lowered = {column.strip().lower(): column for column in reversed(columns)}
    found = (lowered[name] for name in names if name in lowered)
    return next((column for column in found if column not in but), "")


def _longest(columns: Sequence[str], head: Sequence[Cells], but: Sequence[str]) -> str:
    """Return the column with the longest texts, of those that are left."""
    left = [column for column in columns if column not in but] or list(columns)
    if not left:
        return ""
    return max(left, key=lambda column: sum(len(cells.get(column, "")) for cells in head))


def write(path: Path, items: Items) -> None:
    """Write ids and texts whole or not at all."""
    rows = ({"id": id, "text": text} for id, text in zip(items.ids, items.texts, strict=True))
    tables.write(path, _SCHEMA, rows)


def stream(path: Path) -> Iterator[tuple[str, str]]:
    """Yield id and text of each item; raises RunFolderError where the file cannot be read."""
    return tables.rows(path, lambda row: (row["id"], row["text"]))
