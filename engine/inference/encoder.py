"""An encoder that turns documents, and the words in them, into vectors that can be compared.

A document's vector is the mean over its word-pieces in the last layer, over those of both texts
of a pair, as the bundled encoder was trained to give (Reimers and Gurevych 2019,
"Sentence-BERT"). Words come from the layer in the middle: what a word is, rather than what its
text is about, is told best there (Tenney, Das and Pavlick 2019, "BERT Rediscovers the Classical
NLP Pipeline"). Measured with the bundled encoder on three corpora: the ten nearest marks name the
label of 0.69 to 0.76 of all marks by the middle layer, of 0.62 to 0.74 by the last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from engine.encoding.batches import by_budget, collate
from engine.encoding.examples import Window, windows
from engine.encoding.tokens import tokenize
from engine.inference.flat.encoder import Flat, flatten
from engine.inference.flat.rows import Rows
from engine.inference.predicting import BUDGET, autocast, in_threads
from engine.models import loading, token_types
from storage.types import Document

WINDOW = 128
MIDDLE = 0.5

Pause = Callable[[], None]


class Encoder:
    """A base model that turns documents into vectors of length 1, and their tokens into vectors."""

    def __init__(self, folder: Path, device: torch.device, depth: float = MIDDLE) -> None:
        """Load a base model; ``depth`` is the layer that tells of tokens: 0 lowest, 1 highest."""
        self._depth = depth
        self._loaded = loading.load_base(folder, ())
        self._flat = flatten(self._loaded.model) if device.type == "cpu" else None
        self._model = self._loaded.model.base_model.to(device).eval()
        self._device = device

    @property
    def width(self) -> int:
        """The length of a vector."""
        return self._model.config.hidden_size

    def embed(self, documents: Sequence[Document], pause: Pause = lambda: None) -> np.ndarray:
        """Return float32 vectors of shape (documents, width); zeros where there is no word."""
        return self._read(documents, [], pause)

    def read(
        self, documents: Sequence[Document], pause: Pause = lambda: None
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return what ``embed`` does, and each document's tokens: (tokens, width), float32."""
        found = [np.zeros((len(d.tokens), self.width), dtype=np.float32) for d in documents]
        return self._read(documents, found, pause), found

    def words(self, documents: Sequence[Document]) -> list[np.ndarray]:
        """Return only the tokens that ``read`` does, by no more layers than these need."""
        flat = self._flat
        if flat is None:
            return self.read(documents)[1]
        found = [np.zeros((len(d.tokens), self.width), dtype=np.float32) for d in documents]
        cut, middle = self._cut(documents), self._middle(flat.layers)

        def add(positions: Sequence[int]) -> None:
            chosen = [cut[i] for i in positions]
            rows = Rows.of(chosen)
            with torch.inference_mode():
                _fill(found, chosen, rows, next(islice(flat.states(rows), middle, None)))

        deque(in_threads(add, list(self._grouped(cut))), maxlen=0)
        return found

    def _read(
        self, documents: Sequence[Document], tokens: list[np.ndarray], pause: Pause
    ) -> np.ndarray:
        cut = self._cut(documents)
        groups = list(self._grouped(cut))
        sums = np.zeros((len(documents), self.width), dtype=np.float32)

        def add(positions: Sequence[int]) -> tuple[list[int], np.ndarray]:
            chosen = [cut[i] for i in positions]
            return [window.document for window in chosen], self._sum(chosen, tokens)

        side_by_side = self._device.type == "cpu"
        for rows, found in in_threads(add, groups) if side_by_side else map(add, groups):
            np.add.at(sums, rows, found)
            pause()
        return directions(sums)

    def _middle(self, layers: int) -> int:
        """Return which layer tells of tokens; the embeddings are number 0."""
        return round(self._depth * layers)

    def _grouped(self, cut: Sequence[Window]) -> Iterator[list[int]]:
        return by_budget([len(window.pieces) for window in cut], BUDGET[self._device.type])

    def _cut(self, documents: Sequence[Document]) -> list[Window]:
        """Return the windows of both texts of documents; tokens are those of the first."""
        length, pieces = min(WINDOW, self._loaded.longest), self._loaded.pieces
        paired = [n for n, document in enumerate(documents) if document.second_text]
        texts = [documents[n].second_text or "" for n in paired]
        others = [Document(text, tokenize(text)) for text in texts]
        return [
            *windows(documents, pieces, length, stride=0),
            *(
                replace(window, document=paired[window.document], units=(), places=(), targets=())
                for window in windows(others, pieces, length, stride=0)
            ),
        ]

    def _sum(self, windows: Sequence[Window], tokens: list[np.ndarray]) -> np.ndarray:
        """Return the sum of the vectors of each window's pieces; fill in those of tokens."""
        if self._flat:
            return self._sum_flat(self._flat, windows, tokens)
        batch = collate(windows, self._loaded.padding).to(self._device)
        wanted = bool(tokens)
        asked = {"output_hidden_states": wanted, **token_types.given(self._model, batch)}
        with torch.inference_mode(), autocast(self._device):
            output = self._model(input_ids=batch.pieces, attention_mask=batch.mask, **asked)
        if wanted:
            layers = output.hidden_states
            middle = layers[self._middle(len(layers) - 1)].float().cpu().numpy()
            for row, window in enumerate(windows):
                tokens[window.document][list(window.units)] = middle[row, list(window.places)]
        hidden = output.last_hidden_state.float()
        return (hidden * batch.mask[:, :, None]).sum(1).cpu().numpy()

    def _sum_flat(
        self, flat: Flat, windows: Sequence[Window], tokens: list[np.ndarray]
    ) -> np.ndarray:
        rows = Rows.of(windows)
        with torch.inference_mode():
            states = list(flat.states(rows)) if tokens else deque(flat.states(rows), maxlen=1)
        if tokens:
            _fill(tokens, windows, rows, states[self._middle(flat.layers)])
        return np.add.reduceat(states[-1].numpy(), rows.starts)


def _fill(
    tokens: list[np.ndarray], windows: Sequence[Window], rows: Rows, states: torch.Tensor
) -> None:
    """Hand the states (rows, width) of windows to their documents' tokens."""
    for start, window in zip(rows.starts, windows, strict=True):
        places = start + np.array(window.places, dtype=np.int64)
        tokens[window.document][list(window.units)] = states.numpy()[places]


def directions(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length 1; zeros stay zeros."""
    # A mean and a sum have one direction, and only that counts.
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms > 0, norms, 1)
