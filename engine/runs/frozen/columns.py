"""Documents to the columns of a table, and back: the numbers of a group at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

from storage.types import Document, Source, Span, Split, Status, Token

TOKEN = pa.struct([("start", pa.int32()), ("end", pa.int32())])
SPAN = pa.struct(
    [
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("id", pa.string()),
        ("source", pa.string()),
        ("score", pa.float64()),
    ]
)
DOCUMENTS = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("text", pa.string()),
        ("tokens", pa.list_(TOKEN)),
        ("split", pa.string()),
        ("group", pa.string()),
        ("status", pa.string()),
        ("spans", pa.list_(SPAN)),
        ("second_text", pa.string()),
    ]
)
# A lookup takes a tenth of the time of Source(word).
_SOURCES = {str(source): source for source in Source}
_SPLITS = {str(split): split for split in Split}
_STATUSES = {str(status): status for status in Status}


def table(documents: Sequence[Document]) -> pa.Table:
    """Return documents as a table; one without a split goes to train."""
    columns = [
        [document.id for document in documents],
        [document.name for document in documents],
        [document.text for document in documents],
        _tokens_column(documents),
        [(document.split or Split.TRAIN).value for document in documents],
        [document.group for document in documents],
        [document.status.value for document in documents],
        _spans_column(documents),
        [document.second_text for document in documents],
    ]
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, DOCUMENTS, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=DOCUMENTS)


def documents(batch: pa.RecordBatch) -> Iterator[Document]:
    """Yield the documents of a batch; columns that it lacks are empty.

    Folders of versions up to 0.4 have no second texts, and who needs no tokens reads none.
    """
    names = "id", "name", "text", "split", "group", "status", "second_text"
    known = (_plain(batch, name) for name in names)
    rows = zip(*known, _tokens(batch), _spans(batch), strict=True)
    for id, name, text, split, group, status, second, tokens, spans in rows:
        yield Document(
            id=id,
            name=name,
            text=text,
            tokens=tokens,
            split=_SPLITS[split],
            group=group,
            status=_STATUSES[status],
            spans=spans,
            second_text=second,
        )


def _tokens_column(documents: Sequence[Document]) -> pa.Array:
    every = chain.from_iterable(document.tokens for document in documents)
    flat = np.fromiter(chain.from_iterable(every), dtype=np.int32).reshape(-1, 2)
    ends = [pa.array(np.ascontiguousarray(flat[:, side])) for side in (0, 1)]
    found = pa.StructArray.from_arrays(ends, fields=list(TOKEN))
    return pa.ListArray.from_arrays(_offsets([len(d.tokens) for d in documents]), found)


def _spans_column(documents: Sequence[Document]) -> pa.Array:
    spans = [span for document in documents for span in document.spans]
    values = (
        [span.start for span in spans],
        [span.end for span in spans],
        [span.label for span in spans],
        [span.id for span in spans],
        [span.source.value for span in spans],
        [span.score for span in spans],
    )
    fields = list(SPAN)
    arrays = [pa.array(value, field.type) for value, field in zip(values, fields, strict=True)]
    found = pa.StructArray.from_arrays(arrays, fields=fields)
    return pa.ListArray.from_arrays(_offsets([len(d.spans) for d in documents]), found)


def _offsets(counts: Sequence[int]) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(counts, dtype=np.int32)]).astype(np.int32))


def _plain(batch: pa.RecordBatch, name: str) -> Sequence:
    return _column(batch, name, [None] * batch.num_rows)


def _column(batch: pa.RecordBatch, name: str, absent: Sequence) -> Sequence:
    return batch.column(name).to_pylist() if name in batch.schema.names else absent


def _tokens(batch: pa.RecordBatch) -> Sequence[tuple[Token, ...]]:
    if "tokens" not in batch.schema.names:
        return [()] * batch.num_rows
    flat, borders = _lists(batch.column("tokens"))
    every = list(zip(*(side.to_pylist() for side in flat), strict=True))
    return [tuple(every[start:end]) for start, end in borders]


def _spans(batch: pa.RecordBatch) -> Sequence[tuple[Span, ...]]:
    flat, borders = _lists(batch.column("spans"))
    rows = zip(*(part.to_pylist() for part in flat), strict=True)
    every = [
        Span(start, end, label, id, _SOURCES[source], score)
        for start, end, label, id, source, score in rows
    ]
    return [tuple(every[start:end]) for start, end in borders]


def _lists(column: pa.ListArray) -> tuple[list[pa.Array], Iterator[tuple[int, int]]]:
    """Return the fields of all items of a column of lists, and where each list lies in them."""
    offsets = column.offsets.to_numpy()
    borders = (offsets - offsets[0]).tolist() if len(offsets) else [0]
    return column.flatten().flatten(), zip(borders, borders[1:], strict=False)
