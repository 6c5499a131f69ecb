"""Freeze an encoder's lower layers, and compute what they say about each window only once.

A frozen layer has no dropout here and sees the same pieces in every epoch, so its output
never changes: it is kept, and a training step pays for the layers above it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from engine.encoding.batches import Batch, by_budget, collate
from engine.encoding.examples import Window
from engine.inference.predicting import BUDGET, logits
from engine.models.layers import find_layers
from engine.models.token_types import is_shapes
from engine.system import memory
from storage.errors import ModelError

LIMIT = 2 << 30
"""Bytes of hidden states that are kept at most; the windows beyond are computed each time."""
ROOM = "cache_bytes"
"""What ``spec.json`` calls how many a run may keep: a later attempt keeps as many."""
TOLERANCE = {"cpu": 1e-3, "cuda": 5e-2}
"""How far logits may be off; GPUs compute in bf16, where padding changes the rounding."""
Read = tuple[tuple[int, ...], tuple[int, ...]]
"""What a model reads of a window: its pieces and their types."""


def room(device: torch.device) -> int:
    """Return how many bytes of hidden states may be kept where they would lie."""
    on_card = device.type == "cuda"
    return memory.room(LIMIT, torch.cuda.mem_get_info(device)[0] if on_card else memory.free())


def freeze(model: torch.nn.Module, layers: int, shapes: bool = False) -> None:
    """Exclude embeddings and the lowest ``layers`` layers from learning and from dropout.

    The layers above and the head go on learning, with ``shapes`` words' shapes as well; 0 freezes
    nothing. Raises ModelError where
    the model has fewer layers, or none that can be told apart.
    """
    if not layers:
        return
    stack = find_layers(model)
    if not 0 < layers <= len(stack):
        raise ModelError(
            f"The base model has {len(stack)} layers; freeze from 0 to {len(stack)}, not {layers}."
        )
    types = next((p for n, p in model.named_parameters() if is_shapes(n, p)), None)
    above = {module for layer in stack[layers:] for module in layer.modules()}
    for module in model.base_model.modules():
        if module in above:
            continue
        # What all layers share, as DeBERTa's distances, is frozen as well: it would change the
        # lower ones.
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(shapes and parameter is types)
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


class Cache:
    """The hidden states above the frozen layers, for every window.

    ``layers`` counts the layers that ``freeze`` froze before; with 0 nothing is kept.
    The states take 4 × pieces × width bytes, at most ``limit``. What comes out with and
    without the cache is compared once; where a model's layers do more than pass states on,
    nothing is kept and every forward pass computes them.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        windows: Sequence[Window],
        layers: int,
        padding: int,
        device: torch.device,
        limit: int = LIMIT,
    ) -> None:
        self._places: dict[Read, int] = {}
        self._states = torch.empty(0)
        if not layers or not windows:
            return
        self._stack, self._layers, self._device = find_layers(model), layers, device
        width = model.config.hidden_size
        self._places, total = _allot(windows, limit // (4 * width))
        # Row 0 is what padding gets; attention never looks there.
        self._states = torch.zeros(total, width, device=device)
        training = model.training
        model.eval()
        probe = collate(windows[:2], padding).to(device)
        with torch.no_grad():
            plain = self._look(model, probe)
            self._fill(model, padding)
            if not self._agrees(model, probe, plain):
                self._places, self._states = {}, torch.empty(0)
        model.train(training)

    @property
    def bytes(self) -> int:
        """How much memory the states take."""
        return self._states.numel() * self._states.element_size()

    @contextmanager
    def serve(self, batch: Batch) -> Iterator[None]:
        """Inside the block a forward pass of this batch begins above the frozen layers."""
        if any(_read(window) not in self._places for window in batch.windows):
            yield
            return
        rows = np.zeros(tuple(batch.pieces.shape), dtype=np.int64)
        for row, window in enumerate(batch.windows):
            start = self._places[_read(window)]
            rows[row, : len(window.pieces)] = range(start, start + len(window.pieces))
        with self.replay(torch.from_numpy(rows).to(self._device)):
            yield

    @contextmanager
    def replay(self, rows: torch.Tensor) -> Iterator[None]:
        """Inside the block the frozen layers say what lies in these rows: (windows, pieces)."""
        states = self._states[rows]
        with _replaced(self._stack[: self._layers], lambda *_, **__: self._wrap(states)):
            yield

    def first_rows(self, windows: Iterable[Window]) -> list[int]:
        """Return where the states of each window begin; empty where not all are kept."""
        rows = [self._places.get(_read(window), 0) for window in windows] if self._places else []
        return rows if all(rows) else []

    def _wrap(self, states: torch.Tensor) -> object:
        """Return states in the form in which the model's layers do."""
        return (states, None) if self._tuples else states

    def _look(self, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """See in which form the layers return states; return the logits."""
        found: list[Any] = []
        with self._stack[0].register_forward_hook(lambda _, __, output: found.append(output)):
            plain = logits(model, batch)
        self._tuples = isinstance(found[0], tuple)
        return plain

    def _fill(self, model: torch.nn.Module, padding: int) -> None:
        kept = list(self._places)
        sizes = [len(pieces) for pieces, _ in kept]
        for positions in by_budget(sizes, BUDGET[self._device.type]):
            chosen = [kept[i] for i in positions]
            windows = [Window(0, pieces, (), (), (), segments=types) for pieces, types in chosen]
            states = self._compute(model, collate(windows, padding).to(self._device))
            for read, found in zip(chosen, states, strict=True):
                start, length = self._places[read], len(read[0])
                self._states[start : start + length] = found[:length]

    def _compute(self, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """Return what the highest frozen layer says; the layers above are passed over."""
        found: list[Any] = []
        highest, above = self._stack[self._layers - 1], self._stack[self._layers :]
        hook = highest.register_forward_hook(lambda _, __, output: found.append(output))
        with hook, _replaced(above, lambda states, *_, **__: self._wrap(states)):
            logits(model, batch)
        return found[0][0] if self._tuples else found[0]

    def _agrees(self, model: torch.nn.Module, batch: Batch, plain: torch.Tensor) -> bool:
        with self.serve(batch):
            served = logits(model, batch)
        real = batch.mask.bool()
        off = (plain - served).abs()
        # Where the model answers once for a window, nothing is padding.
        off = off[real] if off.dim() == 3 else off
        return float(off.max()) <= TOLERANCE[self._device.type]


def _read(window: Window) -> Read:
    return window.pieces, window.segments


def _allot(windows: Sequence[Window], room: int) -> tuple[dict[Read, int], int]:
    """Give each window, known by what is read of it, its first row; return them and all rows."""
    places: dict[Read, int] = {}
    free = 1
    for window in windows:
        if _read(window) not in places and free + len(window.pieces) <= room:
            places[_read(window)] = free
            free += len(window.pieces)
    return places, free


@contextmanager
def _replaced(layers: Sequence[torch.nn.Module], forward: object) -> Iterator[None]:
    """Let these layers compute something else inside the block; their weights stay in place."""
    for layer in layers:
        layer.forward = forward
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward
