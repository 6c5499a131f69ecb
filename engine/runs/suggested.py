"""What a model suggests for documents, and how sure it is of them: rows of Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.runs import tables
from storage.types import DocumentScore, Source, Span

SUGGESTIONS = "suggestions.parquet"
SCORES = "scores.parquet"

_SUGGESTIONS = pa.schema(
    [
        ("document", pa.int64()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float64()),
        ("rank", pa.int32()),
    ]
)
_SCORES = pa.schema(
    [
        ("document", pa.int64()),
        ("entropy", pa.float64()),
        ("confidence", pa.float64()),
        ("margin", pa.float64()),
        ("novelty", pa.float64()),
    ]
)


Of = tuple[int, Sequence[Span], Sequence[Span]]
"""A document, what a model suggests for it, and what that holds for less likely, in its order."""


def write(folder: Path, found: Iterable[Of]) -> None:
    """Write what is suggested for documents, in their order: ``suggestions.parquet``."""
    with writing(folder) as add:
        for group in tables.groups(found):
            add(group)


@contextmanager
def writing(folder: Path) -> Iterator[Callable[[Iterable[Of]], None]]:
    """Open ``suggestions.parquet`` for documents, some after another; it is there at the end."""
    with tables.writing(Path(folder) / SUGGESTIONS, _SUGGESTIONS) as write:

        def add(found: Iterable[Of]) -> None:
            rows = [row for each in found for row in _rows(*each)]
            if rows:
                write(pa.Table.from_pylist(rows, schema=_SUGGESTIONS))

        yield add


def _rows(document: int, spans: Sequence[Span], guesses: Sequence[Span]) -> Iterator[dict]:
    yield from (_suggestion(document, span, 0) for span in spans)
    yield from (_suggestion(document, span, rank) for rank, span in enumerate(guesses, start=1))


def check(folder: Path) -> None:
    """Read all that is suggested, keeping none of it.

    Raises RunFolderError where a file is missing or damaged, or the two do not fit.
    """
    scored = _documents(folder, SCORES, lambda batch: batch)
    for ranked in (_said, _guessed):
        found = _documents(folder, SUGGESTIONS, ranked)
        with tables.reading(Path(folder) / SUGGESTIONS):
            if (np.diff(found) < 0).any() or not np.isin(found, scored).all():
                raise ValueError("its rows are not in the order of the documents")
    with tables.reading(Path(folder) / SCORES):
        if (np.diff(scored) <= 0).any():
            raise ValueError("its rows are not in the order of the documents")


def _documents(
    folder: Path, name: str, choose: Callable[[pa.RecordBatch], pa.RecordBatch]
) -> np.ndarray:
    chosen = map(choose, tables.batches(Path(folder) / name))
    ids = (batch["document"].to_numpy() for batch in chosen)
    return np.concatenate([np.zeros(0, dtype=np.int64), *ids])


def _is_said(batch: pa.RecordBatch) -> pa.Array:
    # Folders of versions up to 0.6 have no ranks.
    if "rank" not in batch.schema.names:
        return pa.array(np.ones(batch.num_rows, dtype=bool))
    return pc.equal(pc.fill_null(batch["rank"], 0), 0)


def _said(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.filter(_is_said(batch))


def _guessed(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.filter(pc.invert(_is_said(batch)))


def _suggestion(document: int, span: Span, rank: int) -> dict:
    place = {"start": span.start, "end": span.end}
    return {"document": document, **place, "label": span.label, "score": span.score, "rank": rank}


def read(folder: Path) -> Iterator[tuple[int, Span]]:
    """Yield document id and span of every suggestion, in the order of the documents."""
    return _spans(folder, _said)


def read_guesses(folder: Path) -> Iterator[tuple[int, Span]]:
    """Yield document id and span of every guess beyond the suggestions, a document's in order."""
    return _spans(folder, _guessed)


def _spans(
    folder: Path, choose: Callable[[pa.RecordBatch], pa.RecordBatch]
) -> Iterator[tuple[int, Span]]:
    place = Path(folder) / SUGGESTIONS
    return tables.converted(place, lambda batch: map(_span, choose(batch).to_pylist()))


def write_scores(folder: Path, scores: Iterable[DocumentScore]) -> None:
    """Write the documents' scores into ``scores.parquet``."""
    tables.write(Path(folder) / SCORES, _SCORES, map(asdict, scores))


def read_scores(folder: Path) -> Iterator[DocumentScore]:
    """Yield the documents' scores."""
    return tables.rows(Path(folder) / SCORES, lambda row: DocumentScore(**row))


def _span(row: Mapping) -> tuple[int, Span]:
    span = Span(row["start"], row["end"], row["label"], "", Source.MODEL, row["score"])
    return row["document"], span
