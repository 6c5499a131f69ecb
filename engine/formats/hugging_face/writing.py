"""A data set written as a zip that ``load_dataset`` reads: a card, and Parquet for each split."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any

from engine.encoding.tokens import tokenize
from engine.formats.common import pieces
from engine.formats.common.pieces import RowGroups
from engine.formats.common.shape import SPANS, Shape
from engine.formats.common.zip_writing import pack
from engine.formats.whole import filling
from storage.types import Document, Split, Status

_SPLIT = "split"
_NAMES = {Split.TRAIN: "train", Split.DEV: "validation", Split.TEST: "test"}


def write(documents: Iterable[Document], shape: Shape) -> Iterator[bytes]:
    """Yield the zip; each split waits in a file of its own until all documents were seen."""
    with ExitStack() as stack:
        parts: dict[str, _Part] = {}
        for document in documents:
            name = _NAMES[document.split or Split.TRAIN]
            if name not in parts:
                file = stack.enter_context(pieces.file_apart())
                parts[name] = _Part(file, shape, _schema(shape))
            parts[name].add(document)
        for part in parts.values():
            part.close()
        yield from pack(_members(parts))


def write_rows(documents: Iterable[Document]) -> Iterator[bytes]:
    """Yield one Parquet file of texts with their spans; a column of it names the splits."""
    with pieces.file_apart() as file:
        part = _Part(file, SPANS, _schema(SPANS, [_SPLIT]))
        for document in documents:
            part.add(document)
        part.close()
        yield from pieces.of_file(file)


def _members(parts: Mapping[str, _Part]) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    files = "".join(
        f"  - split: {name}\n    path: data/{name}-00000-of-00001.parquet\n" for name in parts
    )
    yield (
        "README.md",
        f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n".encode(),
    )
    for name, part in parts.items():
        yield f"data/{name}-00000-of-00001.parquet", pieces.of_file(part.file)


class _Part:
    """A Parquet file, as of one split, written in groups of rows."""

    def __init__(self, file: IO[bytes], shape: Shape, schema: Any) -> None:
        self.file = file
        self._shape = shape
        self._rows = RowGroups(file, schema)

    def add(self, document: Document) -> None:
        self._rows.add(_whole(document, self._shape) if self._shape.whole else _spans(document))

    def close(self) -> None:
        self._rows.close()


def _schema(shape: Shape, more: Iterable[str] = ()) -> Any:
    """Return the columns, ``more`` texts among them, and what ``datasets`` has to know of them."""
    import pyarrow as pa

    text = pa.string()
    if not shape.whole:
        mark = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("label", text)])
        fields = [
            *(("id", text), ("text", text), ("tokens", pa.list_(text)), ("spans", pa.list_(mark))),
            *(("group", text), ("status", text)),
            *((name, text) for name in more),
        ]
    else:
        columns = filling.common_columns(shape)
        (label,) = columns.labels
        kinds = {label: pa.list_(text) if shape.several else text}
        names = [columns.name, columns.text, columns.second, label, columns.split, columns.group]
        names += [columns.date, columns.status, columns.source, "record"]
        fields = [(name, kinds.get(name, text)) for name in names if name]
    info = {"info": {"features": {name: _feature(kind) for name, kind in fields}}}
    return pa.schema(fields, metadata={"huggingface": json.dumps(info)})


def _feature(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_list(kind):
        inner = _feature(kind.value_type)
        return (
            [inner]
            if pa.types.is_struct(kind.value_type)
            else {
                "feature": inner,
                "_type": "Sequence",
            }
        )
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    return {"dtype": str(kind), "_type": "Value"}


def _spans(document: Document) -> dict[str, Any]:
    text = document.text
    silent = not document.spans and document.status is not Status.DONE
    marks = [{"start": s.start, "end": s.end, "label": s.label} for s in sorted(document.spans)]
    return {
        "id": document.name,
        "text": text,
        "tokens": [text[start:end] for start, end in document.tokens or tokenize(text)],
        "spans": None if silent else marks,
        "group": document.group,
        "status": str(document.status),
        _SPLIT: str(document.split) if document.split else None,
    }


def _whole(document: Document, shape: Shape) -> dict[str, Any]:
    def cell(names: Sequence[str], before: Any, columns: Any) -> Any:
        return list(names) if shape.several else (names[0] if names else None)

    record = filling.common(document, shape, cell)
    known = set(_schema(shape).names)
    more = {name: value for name, value in record.items() if name not in known}
    row = {name: value for name, value in record.items() if name in known}
    (label,) = filling.common_columns(shape).labels
    return {
        name: value if name == label or isinstance(value, str | None) else json.dumps(value)
        for name, value in row.items()
    } | ({"record": json.dumps(more, ensure_ascii=False)} if more else {})
