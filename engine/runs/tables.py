"""Rows in Parquet files of a run's folder, written whole or not at all, read a group at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.runs import files
from engine.system.permissions import private
from storage import atomic

# Rows that are written and read at a time: memory does not grow with the project.
GROUP = 2000


def rows(
    path: Path,
    convert: Callable[[dict], Any],
    where: Mapping[str, str] | None = None,
    left_out: Collection[str] = (),
) -> Iterator[Any]:
    """Yield converted rows; ``where`` is asked before a row is made one of Python's.

    Columns that are left out are not read at all.

    Raises RunFolderError where the file is missing or is not what it should be.
    """
    with reading(path), pq.ParquetFile(path) as file:
        columns = [name for name in file.schema_arrow.names if name not in left_out]
        for batch in file.iter_batches(GROUP, columns=columns):
            for column, value in (where or {}).items():
                batch = batch.filter(pc.equal(batch[column], str(value)))
            yield from map(convert, batch.to_pylist())


def reading(path: Path) -> AbstractContextManager[None]:
    """Turn what can go wrong in reading a file into RunFolderError."""
    return files.reading(path, pa.ArrowException)


def write(path: Path, schema: pa.Schema, rows: Iterable[dict]) -> None:
    """Write rows of a schema."""
    draft, rows = path.with_suffix(".tmp"), iter(rows)
    with (
        atomic.replacing(path, draft, private) as file,
        pq.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        while group := list(islice(rows, GROUP)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
