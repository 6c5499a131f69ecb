"""Batches of rows of Arrow and Parquet, within limits: what comes out may be far more than went in.

A column of one value, or of few, shrinks to nearly nothing (CWE-409).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.formats.common import encodings
from engine.formats.common.sources import (
    MOST_WHOLE_BYTES,
    InputFile,
    check_length,
    most_inflated,
)
from storage.errors import InputError


def is_parquet(source: InputFile) -> bool:
    """Tell Parquet by its first bytes."""
    return encodings.PARQUET.match(source.start) is not None


def of_parquet(file: Any, size: int, rows: int) -> Iterator[Any]:
    """Yield batches of a ``pyarrow.parquet.ParquetFile`` of ``size`` bytes.

    Raises InputError where they are larger than any honest file of that size makes them.
    """
    groups = range(file.metadata.num_row_groups)
    if sum(file.metadata.row_group(n).total_byte_size for n in groups) > most_inflated(size):
        raise InputError(
            "What comes out of the file is far larger than what went in, as in an attack; "
            "save it as CSV or JSON Lines."
        )
    for batch in file.iter_batches(rows):
        yield checked(batch)


def checked(batch: Any) -> Any:
    """Return a batch; raise InputError where it, or one text in it, is too large.

    Raises pyarrow.ArrowInvalid where it is damaged.
    """
    # What another program wrote may point beyond its own end.
    batch.validate(full=True)
    sizes = [_sizes(column) for column in batch.columns]
    if max(batch.nbytes, sum(int(each.sum()) for each in sizes)) > MOST_WHOLE_BYTES:
        limit = MOST_WHOLE_BYTES // 1024**2
        raise InputError(
            f"There are more than {limit} MB in {batch.num_rows:,} rows of it; save it as CSV."
        )
    check_length(max((int(each.max(initial=0)) for each in sizes), default=0))
    return batch


def _sizes(column: Any) -> Any:
    """Return how many bytes of text each value of a column has, with all that is inside of it.

    A value that is there once may be named by all rows (dictionaries), and a text may be in a
    list of lists: what each row becomes is counted.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind, none = column.type, np.zeros(len(column), np.int64)
    if isinstance(column, pa.ExtensionArray):
        return _sizes(column.storage)
    if pa.types.is_dictionary(kind):
        places = column.indices.fill_null(0).to_numpy(zero_copy_only=False)
        inside = _sizes(column.dictionary)
        return inside[places] if len(inside) else none
    if pa.types.is_struct(kind):
        return sum((_sizes(each) for each in column.flatten()), none)
    if pa.types.is_map(kind):
        pair = pa.struct([("key", kind.key_type), ("value", kind.item_type)])
        return _sizes(column.cast(pa.list_(pair)))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        ends = _numbers(pc.list_value_length(column)).cumsum()
        total = np.concatenate([[0], _sizes(column.flatten()).cumsum()])
        return np.diff(total[ends], prepend=0)
    # Of these, rows may share what is inside of them.
    if pa.types.is_nested(kind):
        raise InputError(f"A column of it is a {kind}; save the file as CSV or JSON Lines.")
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        column = column.cast(pa.large_binary())
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    is_bytes = pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)
    return _numbers(pc.binary_length(column)) if is_text or is_bytes else none


def _numbers(column: Any) -> Any:
    """Return lengths as numpy has them; of nothing there is none."""
    return column.fill_null(0).to_numpy(zero_copy_only=False).astype("int64")
