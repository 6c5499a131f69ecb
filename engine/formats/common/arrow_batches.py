"""Batches of rows of Arrow and Parquet, within limits: what comes out may be far more than went in.

A column of one value, or of few, shrinks to nearly nothing (CWE-409).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.formats.common.json_values import MOST_ITEM
from engine.formats.common.sources import MOST_WHOLE_BYTES, most_inflated
from storage.errors import InputError


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
    import pyarrow as pa
    import pyarrow.compute as pc

    # What another program wrote may point beyond its own end.
    batch.validate(full=True)
    if batch.nbytes > MOST_WHOLE_BYTES:
        limit = MOST_WHOLE_BYTES // 1024**2
        raise InputError(
            f"There are more than {limit} MB in {batch.num_rows:,} rows of it; save it as CSV."
        )
    for column in batch.columns:
        is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        longest = (pc.max(pc.binary_length(column)).as_py() or 0) if is_text else 0
        if longest > MOST_ITEM:
            limit = MOST_ITEM // 1024**2
            raise InputError(f"A text in it is longer than {limit} MB; split it.")
    return batch
