"""Texts to vectors as a bi-encoder makes them, with a gradient or without. A worker module.

A text's vector is the mean over the word-pieces of all its windows, brought to length 1: what
``engine.inference.retriever`` computes of the saved model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.nn import functional

from engine.encoding.batches import by_budget, collate
from engine.encoding.examples import Window, windows
from engine.encoding.tokens import tokenize
from engine.encoding.word_pieces import Pieces
from engine.inference.predicting import BUDGET, autocast, in_threads
from storage.types import Document

# Training reads no more of a text than so many windows; a step would need memory without bound.
MOST = 4

Text = Sequence[Window]


def cut(texts: Sequence[str], pieces: Pieces, length: int) -> list[list[Window]]:
    """Return each text's windows of at most ``length`` pieces; none where it has no word."""
    found: list[list[Window]] = [[] for _ in texts]
    for window in windows([Document(text, tokenize(text)) for text in texts], pieces, length, 0):
        found[window.document].append(window)
    return found


def embed(
    model: torch.nn.Module, texts: Sequence[Text], padding: int, device: torch.device
) -> torch.Tensor:
    """Return float32 vectors of length 1 of shape (texts, width), in one batch."""
    owners = [row for row, text in enumerate(texts) for _ in text]
    read = [window for text in texts for window in text]
    sums = torch.zeros(len(texts), model.config.hidden_size, device=device)
    if read:
        places = torch.tensor(owners, device=device)
        sums = sums.index_add(0, places, _sums(model, read, padding, device))
    return functional.normalize(sums, dim=-1)


def embed_all(
    model: torch.nn.Module,
    texts: Sequence[Text],
    padding: int,
    device: torch.device,
    pause: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Return what ``embed`` does of any number of texts, without a gradient and without dropout.

    ``pause`` is called after every batch and may raise.
    """
    owners = [row for row, text in enumerate(texts) for _ in text]
    read = [window for text in texts for window in text]
    groups = list(by_budget([len(window.pieces) for window in read], BUDGET[device.type]))
    sums = np.zeros((len(texts), model.config.hidden_size), dtype=np.float32)

    def add(positions: Sequence[int]) -> tuple[list[int], np.ndarray]:
        with torch.inference_mode():
            found = _sums(model, [read[place] for place in positions], padding, device)
        return [owners[place] for place in positions], found.cpu().numpy()

    training = model.training
    model.eval()
    try:
        for rows, found in in_threads(add, groups) if device.type == "cpu" else map(add, groups):
            np.add.at(sums, rows, found)
            pause()
    finally:
        model.train(training)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return sums / np.where(norms > 0, norms, 1)


def _sums(
    model: torch.nn.Module, read: Sequence[Window], padding: int, device: torch.device
) -> torch.Tensor:
    """Return the sum of each window's vectors: float32 of shape (windows, width)."""
    batch = collate(read, padding).to(device)
    with autocast(device):
        output = model(input_ids=batch.pieces, attention_mask=batch.mask)
    return (output.last_hidden_state.float() * batch.mask[:, :, None]).sum(1)
