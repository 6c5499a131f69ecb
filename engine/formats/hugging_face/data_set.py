"""A data set of Hugging Face: what ``save_to_disk`` writes, or Parquet by split, or one such file.

Read by pyarrow in batches, without ``datasets``. Where a document goes, its folder or file says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from engine.formats.common import arrow_batches
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems
from engine.formats.common.shape import SPANS, Shape
from engine.formats.common.sources import InputFile
from engine.formats.common.splits import split_in
from engine.formats.hugging_face import rows as table_rows
from engine.formats.hugging_face import spans, writing
from engine.formats.hugging_face.rows import Features
from engine.formats.whole import records
from engine.formats.whole.choosing import MOST_ROWS
from storage.errors import InputError
from storage.types import Document, Split

_INFO = "dataset_info.json"
_NAMED = re.compile(r"(^|/)(data|dataset|cache)?[^/]*\.(arrow|parquet)$")


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set's folder, a zip of it, or a single Arrow or Parquet file."""

    shape: Shape = SPANS
    name: str = "hugging_face"
    title: str = "Data set (Hugging Face)"
    extensions: tuple[str, ...] = (".zip", ".parquet", ".arrow")
    cannot_hold: str = ""

    def sniff(self, source: InputFile) -> float:
        """Ask for Arrow or Parquet, among the members or in the file itself."""
        if source.members:
            return 1.0 * any(map(_is_data, source.members))
        # A single Parquet file of whole texts has a codec of its own.
        return 0.99 * (table_rows.is_arrow(source) or arrow_batches.is_parquet(source))

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each row."""
        files = [each for each in source.members if _is_data(each)] or [source]
        features = _features(source.members, problems)
        if not self.shape.whole:
            return Reading(_documents(files, features, problems))
        found = _rows(files, features, problems)
        begun = list(islice(found, MOST_ROWS))
        names = list(dict.fromkeys(name for row in begun for name in row.cells))
        return records.read(chain(begun, found), names, self.shape, options, problems, source.name)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a zip: a card that names the files, and Parquet for each split."""
        return writing.write(documents, self.shape)


def _is_data(source: InputFile) -> bool:
    return bool(_NAMED.search(source.name)) and (
        arrow_batches.is_parquet(source) or table_rows.is_arrow(source)
    )


def _features(members: Iterable[InputFile], problems: Problems) -> Features:
    """Return what the first ``dataset_info.json`` says of the columns."""
    for each in members:
        if each.name.endswith(_INFO) and each.size < 16 * 1024**2:
            try:
                found = json.loads(each.data)
                features = found.get("features")
            except (ValueError, RecursionError, AttributeError):
                problems.warn(0, f"{each.name} is damaged and not used.")
                continue
            if isinstance(features, dict):
                return features
    return {}


def _rows(files: list[InputFile], features: Features, problems: Problems) -> Iterator[records.Row]:
    for file in files:
        try:
            for number, cells in enumerate(table_rows.read(file, features), 1):
                yield records.Row(number, cells, split=_split(file.name))
        except InputError as error:
            problems.refuse(f"{file.name}: {error}" if len(files) > 1 else str(error))


def _documents(files: list[InputFile], features: Features, problems: Problems) -> Iterator[Row]:
    for row in _rows(files, features, problems):
        try:
            document = spans.document(row.cells, row.split, row.line, problems)
        except InputError as error:
            problems.drop(row.line, str(error), "correct the row")
            continue
        if document.text.strip():
            yield row.line, document
        else:
            problems.warn(row.line, "The text is blank, so the row is left out.", "blank texts")


def _split(name: str) -> Split | None:
    """Return the split that the nearest part of a path names."""
    parts: list[Any] = re.split(r"[/\\]", name)
    return next((found for part in reversed(parts) if (found := split_in(part))), None)
