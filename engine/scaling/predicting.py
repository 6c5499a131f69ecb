"""A finished run's model over many documents, by several workers of a Ray cluster (Ray Data).

Documents are cut into the same chunks as when one process reads them, each chunk goes to one
worker, and they come back in order: what is predicted is the same, bit by bit, where a worker
computes with as many threads as that process.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine.inference import pipeline
from storage.types import Document, Source, Span


class Labeller:
    """What a worker is: a model that is loaded once, and asked about chunk after chunk."""

    def __init__(self, folder: str, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        self._predictor = pipeline.load(Path(folder), "cpu")

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        """Return for each chunk what is found in its documents, as JSON."""
        return {"found": [self._label(chunk) for chunk in batch["chunk"]]}

    def _label(self, chunk: str) -> str:
        documents = [
            Document(text, tuple(map(tuple, tokens)), second_text=second)
            for text, second, tokens in json.loads(chunk)
        ]
        labelled = (each for part in self._predictor.stream(documents) for each in part)
        return json.dumps([[asdict(span) for span in each.spans] for each in labelled])


def label(
    folder: Path, documents: Sequence[Document], workers: int, threads: int = 1
) -> Iterator[Document]:
    """Yield documents with the marks that a run's model predicts, in their order.

    ``workers`` compute at a time, with so many ``threads`` each; Ray must be connected.
    """
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    bare = map(pipeline.bare, documents)
    chunks = list(pipeline.chunks(bare, pipeline.CHUNK_WORDS["cpu"]))
    rows = [{"chunk": written(chunk)} for chunk in chunks]
    if not rows:
        return
    found = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        Labeller,
        batch_size=1,
        num_cpus=threads,
        fn_constructor_args=(str(folder.resolve()), threads),
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(rows))),
    )
    for chunk, row in zip(chunks, found.iter_rows(), strict=True):
        for document, spans in zip(chunk, json.loads(row["found"]), strict=True):
            yield replace(document, spans=tuple(map(span, spans)))


def span(told: dict[str, Any]) -> Span:
    """Return a mark that a worker found."""
    return Span(**{**told, "source": Source(told["source"])})


def written(chunk: Sequence[Document]) -> str:
    """Return what a worker is given of a chunk, as JSON."""
    return json.dumps([[each.text, each.second_text, each.tokens] for each in chunk])
