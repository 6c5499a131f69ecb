"""Parquet, as data sets are kept on the Hugging Face hub: a text, or two, and a label a row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from engine.formats.common import arrow_batches, pieces
from engine.formats.common.base import Options, Reading
from engine.formats.common.pieces import RowGroups
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.whole import filling, records
from engine.formats.whole.records import Row
from storage.errors import InputError
from storage.types import Document

_BATCH = 4_096


@dataclass(frozen=True, slots=True)
class Parquet:
    """Parquet. A column of numbers that the file itself names (``ClassLabel``) has its names."""

    shape: Shape
    name: str = "parquet"
    title: str = "Parquet"
    extensions: tuple[str, ...] = (".parquet",)
    cannot_hold: str = ""

    def sniff(self, source: InputFile) -> float:
        """Ask for the four bytes that such a file begins with."""
        return 1.0 * arrow_batches.is_parquet(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each row."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            schema = pq.read_schema(source.open())
        except (pa.ArrowException, OSError, ValueError) as error:
            _refuse(error, problems)
            return Reading()
        rows = _rows(source, _classes(schema.metadata or {}), problems)
        return records.read(rows, schema.names, self.shape, options, problems, source.name)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one file with common names; what else a document brought is kept as JSON."""
        documents = pieces.twice(documents)
        names = dict.fromkeys(name for each in documents for name in self._record(each))
        with pieces.file_apart() as file:
            rows = RowGroups(file, self._schema(names))
            for document in documents:
                rows.add(self._record(document))
            rows.close()
            yield from pieces.of_file(file)

    def _schema(self, names: Iterable[str]) -> Any:
        import pyarrow as pa

        (label,) = filling.common_columns(self.shape).labels
        several = {label: pa.list_(pa.string())} if self.shape.several else {}
        return pa.schema([(name, several.get(name, pa.string())) for name in names])

    def _record(self, document: Document) -> dict[str, Any]:
        several = self.shape.several
        (label,) = filling.common_columns(self.shape).labels
        record = filling.common(
            document, self.shape, lambda names, _, __: names if several else _one(names)
        )
        return {
            name: cell if name == label and several else _text(cell)
            for name, cell in record.items()
        }


def _one(names: Any) -> str | None:
    return names[0] if names else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _value(cell: Any, names: list[str] | None) -> Any:
    """Return a cell as JSON could hold it; a class by its name."""
    if names is not None and isinstance(cell, int) and 0 <= cell < len(names):
        return names[cell]
    if names is not None and isinstance(cell, list):
        return [_value(each, names) for each in cell]
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return float(cell) if isinstance(cell, Decimal) else cell


def _rows(source: InputFile, classes: Mapping[str, list[str]], problems: Problems) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with source.open() as opened, pq.ParquetFile(opened) as file:
            for batch in arrow_batches.of_parquet(file, source.size, _BATCH):
                for row in batch.to_pylist():
                    number += 1
                    cells = {name: _value(cell, classes.get(name)) for name, cell in row.items()}
                    yield Row(number, cells)
    except InputError as error:
        problems.refuse(str(error))
    except (pa.ArrowException, OSError, ValueError) as error:
        _refuse(error, problems)


def _refuse(error: Exception, problems: Problems) -> None:
    problems.refuse(f"The file is no Parquet that can be read ({str(error)[:80]}).")


def _classes(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Return the names of classes that ``datasets`` writes into the file, by column."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    found = {}
    for name, feature in features.items() if isinstance(features, dict) else ():
        inner = feature.get("feature", feature) if isinstance(feature, dict) else {}
        if isinstance(inner, dict) and isinstance(inner.get("names"), list):
            found[name] = inner["names"]
    return found
