"""A finished run's model over many documents, by several workers of a Ray cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.inference import pipeline
from engine.scaling import spreading
from engine.scaling.spreading import Spread
from storage.types import Document


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
        labelled = self._predictor.stream(spreading.documents_of(chunk))
        return json.dumps([spreading.told(each.spans) for part in labelled for each in part])


def label(folder: Path, documents: Sequence[Document], spread: Spread) -> Iterator[Document]:
    """Yield documents with the marks that a run's model predicts, in their order.

    Ray must be connected.
    """
    arguments = str(folder.resolve()), spread.threads
    rows = spreading.read(Labeller, arguments, documents, spread)
    for chunk, row in zip(spreading.chunks(documents), rows, strict=True):
        for document, said in zip(chunk, json.loads(row["found"]), strict=True):
            yield replace(document, spans=spreading.spans_of(said))
