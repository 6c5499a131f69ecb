"""Chunks of documents, read by several workers of a Ray cluster (Ray Data), and back in order.

Documents are cut into the same chunks as when one process reads them, and each chunk goes to one
worker: what comes back is the same, bit by bit, where a worker computes with as many threads as
that process.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.inference import pipeline
from storage.types import Document, Source, Span


@dataclass(frozen=True, slots=True)
class Spread:
    """Which cluster reads ("local" begins one), with how many workers, of how many threads."""

    address: str
    workers: int
    threads: int = 1


def chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Cut documents as a process does that reads them alone; none has marks any more."""
    return pipeline.chunks(map(pipeline.bare, documents), pipeline.CHUNK_WORDS["cpu"])


def read(
    worker: type, arguments: Sequence[Any], documents: Iterable[Document], spread: Spread
) -> Iterator[dict[str, Any]]:
    """Yield a row for each chunk: what a worker makes of it, in the order of the chunks.

    ``worker`` is made with the arguments, once in each process, and asked with a batch whose
    column "chunk" is what ``documents_of`` reads. Ray must be connected.
    """
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    rows = [{"chunk": written(chunk)} for chunk in chunks(documents)]
    if not rows:
        return
    found = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        worker,
        batch_size=1,
        num_cpus=spread.threads,
        fn_constructor_args=tuple(arguments),
        compute=ray.data.ActorPoolStrategy(size=min(spread.workers, len(rows))),
    )
    yield from found.iter_rows()


def written(chunk: Sequence[Document]) -> str:
    """Return what a worker is given of a chunk, as JSON."""
    return json.dumps([[each.text, each.second_text, each.tokens] for each in chunk])


def documents_of(chunk: str) -> list[Document]:
    """Return the documents of a chunk as a worker reads them."""
    return [
        Document(text, tuple(map(tuple, tokens)), second_text=second)
        for text, second, tokens in json.loads(chunk)
    ]


def told(spans: Iterable[Span]) -> list[list[Any]]:
    """Return what a worker says of marks, for JSON."""
    return [[s.start, s.end, s.label, s.id, s.source.value, s.score] for s in spans]


def spans_of(said: Iterable[Sequence[Any]]) -> tuple[Span, ...]:
    """Return the marks that a worker found."""
    return tuple(
        Span(start, end, label, id, Source(source), score)
        for start, end, label, id, source, score in said
    )
