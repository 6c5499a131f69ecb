"""A model and an encoder that look at all documents, by several workers of a Ray cluster.

They write nothing: what they see comes back to the process that asked, chunk after chunk.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.inference.looking import Looked, Looker
from engine.scaling import connecting, spreading
from engine.scaling.spreading import Spread
from storage.types import Document


@dataclass(frozen=True, slots=True)
class Work:
    """What every worker loads, by folders that the cluster sees, and how it looks."""

    model: str
    encoder: str
    lean: float


class Worker:
    """What a worker is: loaded once, and asked about chunk after chunk."""

    def __init__(self, model: str, encoder: str, lean: float, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(True, warn_only=True)
        self._looker = Looker(Path(model), Path(encoder), torch.device("cpu"))
        self._lean = lean

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """Return for each chunk what is seen in it: JSON, and the bytes of two arrays."""
        rows = [self._look(chunk) for chunk in batch["chunk"]]
        return {name: [row[name] for row in rows] for name in ("found", "doubts", "vectors")}

    def _look(self, chunk: str) -> dict[str, Any]:
        ((_, seen),) = self._looker.look(spreading.documents_of(chunk), self._lean)
        found = [[spreading.told(each) for each in many] for many in (seen.spans, seen.guesses)]
        arrays = {"doubts": seen.doubts.tobytes(), "vectors": seen.vectors.tobytes()}
        return {"found": json.dumps(found), **arrays}


def look(
    work: Work, documents: Callable[[], Iterable[Document]], spread: Spread
) -> Iterator[tuple[Sequence[Document], Looked]]:
    """Yield chunks of documents, in order, with what is seen in them, as ``Looker.look`` does.

    ``documents`` are read twice: for the workers, and beside what comes back. Raises
    TrainingError where there is no such cluster.
    """
    with connecting.connected(spread.address, spread.workers * spread.threads):
        yield from see(work, documents, spread)


def see(
    work: Work, documents: Callable[[], Iterable[Document]], spread: Spread
) -> Iterator[tuple[Sequence[Document], Looked]]:
    """Yield what ``look`` does; Ray must be connected."""
    arguments = *astuple(work), spread.threads
    rows = spreading.read(Worker, arguments, documents(), spread)
    for chunk, row in zip(spreading.chunks(documents()), rows, strict=True):
        yield chunk, looked(row, len(chunk))


def looked(row: dict[str, Any], count: int) -> Looked:
    """Return what a worker has seen in a chunk of so many documents."""
    spans, guesses = json.loads(row["found"])
    return Looked(
        [spreading.spans_of(each) for each in spans],
        [spreading.spans_of(each) for each in guesses],
        np.frombuffer(row["doubts"]).reshape(count, 3),
        np.frombuffer(row["vectors"], dtype=np.float32).reshape(count, -1),
    )
