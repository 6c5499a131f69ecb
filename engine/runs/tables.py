"""Rows in Parquet files of a run's folder, written whole or not at all, read a group at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.runs import files
from engine.system.permissions import private
from storage import atomic

T = TypeVar("T")

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
    for batch in batches(path, where, left_out):
        yield from map(convert, batch.to_pylist())


def batches(
    path: Path, where: Mapping[str, str] | None = None, left_out: Collection[str] = ()
) -> Iterator[pa.RecordBatch]:
    """Yield what ``rows`` converts, a group at a time; raises as it does."""
    with reading(path), pq.ParquetFile(path) as file:
        columns = [name for name in file.schema_arrow.names if name not in left_out]
        for batch in file.iter_batches(GROUP, columns=columns):
            for column, value in (where or {}).items():
                batch = batch.filter(pc.equal(batch[column], str(value)))
            yield batch


def reading(path: Path) -> AbstractContextManager[None]:
    """Turn what can go wrong in reading a file into RunFolderError."""
    return files.reading(path, pa.ArrowException)


def write(path: Path, schema: pa.Schema, rows: Iterable[dict]) -> None:
    """Write rows of a schema."""
    with writing(path, schema) as add:
        for group in groups(rows):
            add(pa.Table.from_pylist(group, schema=schema))


def groups(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in the groups in which they are written."""
    source = iter(items)
    while group := list(islice(source, GROUP)):
        yield group


@contextmanager
def writing(path: Path, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    """Open a file for groups of rows, to be added one after another."""
    with (
        atomic.replacing(path, path.with_suffix(".tmp"), private) as file,
        pq.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        yield writer.write_table
