"""Rows of Arrow and Parquet files, in batches, their classes by name.

``datasets`` names the classes of a column of numbers in the schema's metadata or in the
``dataset_info.json`` beside the files; nested columns, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.formats.common import arrow_batches
from engine.formats.common.problems import shorten
from engine.formats.common.sources import InputFile
from storage.errors import InputError

_BATCH = 1_000
Features = Mapping[str, Any]


def is_arrow(source: InputFile) -> bool:
    """Tell a file or a stream of Arrow by its first bytes."""
    return source.start.startswith(
        (b"ARROW1", b"\xff\xff\xff\xff")
    ) and source.name.lower().endswith(".arrow")


def features_of(metadata: Mapping[bytes, bytes] | None) -> Features:
    """Return what ``datasets`` wrote into a schema about the columns."""
    try:
        found = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read(source: InputFile, known: Features) -> Iterator[dict[str, Any]]:
    """Yield a file's rows as JSON could hold them; raise InputError where it is damaged."""
    import pyarrow as pa

    try:
        for features, batch in _batches(source):
            names = {**known, **features}
            for row in batch.to_pylist():
                yield {name: plain(cell, names.get(name)) for name, cell in row.items()}
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise InputError(f"The file is damaged ({shorten(str(error))}); save it anew.") from error


def _batches(source: InputFile) -> Iterator[tuple[Features, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with source.open() as file:
        if arrow_batches.is_parquet(source):
            with pq.ParquetFile(file) as opened:
                features = features_of(opened.schema_arrow.metadata)
                for batch in arrow_batches.of_parquet(opened, source.size, _BATCH):
                    yield features, batch
            return
        if source.start.startswith(b"ARROW1"):
            with pa.ipc.open_file(file) as opened:
                features = features_of(opened.schema.metadata)
                for number in range(opened.num_record_batches):
                    yield from _cut(features, opened.get_batch(number))
            return
        with pa.ipc.open_stream(file) as opened:
            features = features_of(opened.schema.metadata)
            for batch in opened:
                yield from _cut(features, batch)


def _cut(features: Features, batch: Any) -> Iterator[tuple[Features, Any]]:
    for start in range(0, batch.num_rows, _BATCH):
        yield features, arrow_batches.checked(batch.slice(start, _BATCH))


def plain(cell: Any, feature: Any) -> Any:
    """Return a cell as JSON could hold it; a class by its name."""
    names = feature.get("names") if isinstance(feature, dict) else None
    if isinstance(names, list) and type(cell) is int:
        if 0 <= cell < len(names):
            return str(names[cell])
        # -1 is "nobody said".
        return None
    if isinstance(cell, list):
        inner = _inner(feature)
        return [plain(each, inner) for each in cell]
    if isinstance(cell, dict):
        inner = _inner(feature) or feature
        return {
            key: plain(value, inner.get(key) if isinstance(inner, dict) else None)
            for key, value in cell.items()
        }
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return float(cell) if isinstance(cell, Decimal) else cell


def _inner(feature: Any) -> Any:
    """Return what is said of the items of a list, in each way that there was to say it."""
    if isinstance(feature, list) and feature:
        return feature[0]
    return feature.get("feature") if isinstance(feature, dict) else None
