"""Which documents are most unlike those that are labelled, by the vectors of an encoder.

A document's vector is the mean over its word-pieces, as the bundled encoder was trained to
give (Reimers and Gurevych 2019, "Sentence-BERT"). The order is farthest-first traversal:
next is always the document that is farthest from everything labelled and from everything
chosen before it, so that the first ones also differ from one another (Gonzalez 1985,
"Clustering to Minimize the Maximum Intercluster Distance"; for active learning, Sener and
Savarese 2018, "Active Learning for Convolutional Neural Networks: A Core-Set Approach").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from engine.encoding.batches import by_budget, collate
from engine.encoding.examples import Window, windows
from engine.inference.predicting import BUDGET, autocast, in_threads
from engine.models import loading
from storage.types import Document

WINDOW = 128
# So many are chosen one by one: more than a person tags before the next training.
CHOSEN = 500
# Rows compared at a time; 2,000 × 2,000 similarities are 16 MB.
ROWS = 2000
GREATEST = 2.0

Pause = Callable[[], None]


class Encoder:
    """A base model that turns documents into vectors of length 1."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        self._loaded = loading.load_base(folder, ())
        self._model = self._loaded.model.base_model.to(device).eval()
        self._device = device

    @property
    def width(self) -> int:
        """The length of a vector."""
        return self._model.config.hidden_size

    def embed(self, documents: Sequence[Document], pause: Pause = lambda: None) -> np.ndarray:
        """Return float32 vectors of shape (documents, width); zeros where there is no word."""
        length = min(WINDOW, self._loaded.longest)
        cut = windows(documents, self._loaded.pieces, length, stride=0)
        groups = list(by_budget([len(window.pieces) for window in cut], BUDGET[self._device.type]))
        sums = np.zeros((len(documents), self.width), dtype=np.float32)

        def add(positions: Sequence[int]) -> tuple[list[int], np.ndarray]:
            chosen = [cut[i] for i in positions]
            return [window.document for window in chosen], self._sum(chosen)

        side_by_side = self._device.type == "cpu"
        for rows, found in in_threads(add, groups) if side_by_side else map(add, groups):
            np.add.at(sums, rows, found)
            pause()
        # A mean and a sum have one direction, and only that counts.
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return sums / np.where(norms > 0, norms, 1)

    def _sum(self, windows: Sequence[Window]) -> np.ndarray:
        """Return the sum of the vectors of each window's pieces."""
        batch = collate(windows, self._loaded.padding).to(self._device)
        with torch.inference_mode(), autocast(self._device):
            output = self._model(input_ids=batch.pieces, attention_mask=batch.mask)
        hidden = output.last_hidden_state.float()
        return (hidden * batch.mask[:, :, None]).sum(1).cpu().numpy()


def novelty(
    vectors: np.ndarray, labelled: np.ndarray, chosen: int = CHOSEN, pause: Pause = lambda: None
) -> np.ndarray:
    """Return each document's distance to all that comes before it: 0 where it is labelled.

    Distance is 1 less the cosine. First come the labelled documents, ``labelled`` marks them,
    then ``chosen`` others, farthest first; the rest is measured from all of these. So sorting
    by distance gives the order in which they were chosen.
    """
    waiting = ~labelled & vectors.any(axis=1)
    nearest = np.where(waiting, _distances(vectors, vectors[labelled], pause), 0.0)
    for _ in range(min(chosen, int(waiting.sum()))):
        pause()
        farthest = int(np.where(waiting, nearest, -1.0).argmax())
        waiting[farthest] = False
        closer = (1 - vectors @ vectors[farthest]).clip(min=0)
        nearest[waiting] = np.minimum(nearest, closer)[waiting]
    return nearest


def _distances(vectors: np.ndarray, others: np.ndarray, pause: Pause) -> np.ndarray:
    """Return the distance of each vector to the nearest of the others, the greatest without any."""
    nearest = np.full(len(vectors), GREATEST)
    for start in range(0, len(vectors), ROWS):
        rows = slice(start, start + ROWS)
        for first in range(0, len(others), ROWS):
            closest = (vectors[rows] @ others[first : first + ROWS].T).max(axis=1)
            nearest[rows] = np.minimum(nearest[rows], 1 - closest)
            pause()
    return nearest.clip(min=0)
