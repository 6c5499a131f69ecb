"""Rows in Parquet files of a run's folder, written whole or not at all, read a group at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
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
    return converted(path, lambda batch: map(convert, batch.to_pylist()), where, left_out)


def converted(
    path: Path,
    convert: Callable[[pa.RecordBatch], Iterable[T]],
    where: Mapping[str, str] | None = None,
    left_out: Collection[str] = (),
) -> Iterator[T]:
    """Yield what ``rows`` does, converted a group at a time."""
    with reading(path):
        for batch in batches(path, where, left_out):
            yield from convert(batch)


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


class Rows(Sequence[T]):
    """What rows of a file hold that have a value in a column: read anew by whoever goes through.

    One by one they are best asked for in their order: a whole group is read for each that is in
    another one than the last. Raises RunFolderError where the file is missing or damaged.
    """

    def __init__(
        self,
        path: Path,
        column: str,
        value: str,
        convert: Callable[[pa.RecordBatch], Iterable[T]],
    ) -> None:
        self._path, self._column, self._value, self._convert = path, column, value, convert
        with reading(path), pq.ParquetFile(path) as file:
            groups = (file.read_row_group(n, [column]) for n in range(file.num_row_groups))
            counts = [pc.sum(self._is_mine(group)).as_py() or 0 for group in groups]
        # How many of them lie before each of the file's groups, and in all.
        self._before = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        self._group: tuple[int, list[T]] = (-1, [])

    def __len__(self) -> int:
        return int(self._before[-1])

    def __iter__(self) -> Iterator[T]:
        return converted(self._path, self._convert, {self._column: self._value})

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> list[T]: ...

    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        at = range(len(self))[place]
        number = int(np.searchsorted(self._before, at, side="right")) - 1
        if self._group[0] != number:
            self._group = number, self._read(number)
        return self._group[1][at - int(self._before[number])]

    def _read(self, number: int) -> list[T]:
        with reading(self._path), pq.ParquetFile(self._path) as file:
            group = file.read_row_group(number)
            found = group.filter(self._is_mine(group)).to_batches()
            return list(chain.from_iterable(map(self._convert, found)))

    def _is_mine(self, table: pa.Table) -> pa.ChunkedArray:
        return pc.equal(table.column(self._column), self._value)
