"""What a format writes only once it is whole: kept in a file apart, and passed on in pieces."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from storage.types import Document

_SIZE = 1024**2
_IN_MEMORY = 8 * 1024**2
_MOST_ROWS = 1_000
_MOST_CHARACTERS = 4 * 1024**2


def file_apart() -> tempfile.SpooledTemporaryFile[bytes]:
    """Return a file that goes with the process; a small one is never on the disk."""
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


def of_file(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file from its beginning."""
    file.seek(0)
    return iter(lambda: file.read(_SIZE), b"")


def twice(documents: Iterable[Document]) -> Iterable[Document]:
    """Return documents that can be gone through more than once; only an iterator is kept whole."""
    return list(documents) if iter(documents) is documents else documents


class RowGroups:
    """A Parquet file, of which no more than one group of rows is held at a time."""

    def __init__(self, file: IO[bytes], schema: Any) -> None:
        import pyarrow.parquet as pq

        self._schema = schema
        self._writer = pq.ParquetWriter(file, schema)
        self._held: list[dict[str, Any]] = []
        self._characters = 0

    def add(self, row: dict[str, Any]) -> None:
        """Add a row with a value, or None, for each column."""
        self._held.append(row)
        self._characters += sum(len(cell) for cell in row.values() if isinstance(cell, str))
        if len(self._held) == _MOST_ROWS or self._characters >= _MOST_CHARACTERS:
            self._flush()

    def close(self) -> None:
        """Write the rest, and the file's end."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            self._writer.write_table(pa.Table.from_pylist(self._held, self._schema))
        self._held, self._characters = [], 0
