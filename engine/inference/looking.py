"""What a model would label in documents, how sure it is, and what an encoder makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.inference import pipeline
from engine.inference.encoder import Encoder
from storage.types import Document, Span


@dataclass(frozen=True, slots=True)
class Looked:
    """What is seen in a chunk of documents, for each of them."""

    spans: Sequence[Sequence[Span]]
    guesses: Sequence[Sequence[Span]]
    """What the model holds for less likely, in its order."""
    doubts: np.ndarray
    """Entropy, confidence, margin: (documents, 3), float64; no number where there is none."""
    vectors: np.ndarray
    """(documents, width of the encoder), float32."""


class Looker:
    """A trained model and an encoder that look at the same documents."""

    def __init__(self, run_folder: Path, encoder: Path, device: torch.device) -> None:
        """Load both; raises ModelError where the run has no complete model."""
        self._predictor = pipeline.load(run_folder, device.type)
        self._encoder = Encoder(encoder, device)

    def look(
        self,
        documents: Iterable[Document],
        lean: float = 0.0,
        pause: Callable[[], None] = lambda: None,
    ) -> Iterator[tuple[list[Document], Looked]]:
        """Yield chunks of documents, in order, with what is seen in them.

        ``lean`` as in ``Predictor.stream_scored``; ``pause`` is called after every batch and may
        raise.
        """
        head, labels = self._predictor.loaded.head, self._predictor.labels
        for chunk, scores in self._predictor.stream_scored(documents, pause, lean):
            doubts = np.full((len(chunk), 3), np.nan)
            for row, doubt in enumerate(map(head.doubt, scores)):
                if doubt:
                    doubts[row] = doubt.entropy, doubt.confidence, doubt.margin
            spans = [document.spans for document in chunk]
            guesses = head.guesses(chunk, scores, labels)
            yield chunk, Looked(spans, guesses, doubts, self._encoder.embed(chunk, pause))
