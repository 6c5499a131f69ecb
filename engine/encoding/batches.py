"""Windows to padded batches: which windows go together, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from engine.encoding.examples import IGNORED, Window

MEGABATCH = 50


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded tensors of shape (windows, pieces).

    ``targets`` has that shape, too, IGNORED where nothing is asked, or, where the model answers
    once for a window, (windows, targets). ``segments`` is empty where every text stands alone,
    ``shares``, one a window, where all count whole. ``windows`` is empty in a batch that was cut
    on a GPU (see ``engine.training.gpu``).
    """

    windows: tuple[Window, ...]
    pieces: torch.Tensor
    mask: torch.Tensor
    targets: torch.Tensor
    segments: torch.Tensor
    shares: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """Move the tensors to a device; the windows stay."""
        if device.type == "cpu":
            return self
        moved = (tensor.to(device, non_blocking=True) for tensor in self.tensors)
        return Batch(self.windows, *moved)

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        """Pieces, mask, targets, segments and shares."""
        return self.pieces, self.mask, self.targets, self.segments, self.shares

    @property
    def asked(self) -> int:
        """Number of targets that count in the loss."""
        return sum(one != IGNORED for window in self.windows for one in window.targets)

    @property
    def units(self) -> int:
        """Number of units that the batch's windows answer for."""
        return sum(len(window.units) for window in self.windows)

    def answers(self) -> np.ndarray:
        """Return where in the model's flattened output the units' answers are, in their order."""
        rows = [
            row * self.pieces.shape[1] + np.asarray(window.places, dtype=np.int64)
            if window.places
            else np.array([row])
            for row, window in enumerate(self.windows)
        ]
        return np.concatenate(rows)


def order(lengths: Sequence[int], size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the epoch's batches as lists of positions, fixed by (seed, epoch) alone.

    Windows are shuffled, sorted by length inside stretches of 50 batches so that little is
    padding, and the batches shuffled again. All batches but one have ``size`` windows.
    """
    random = np.random.default_rng((seed, epoch))
    shuffled = random.permutation(len(lengths))
    known = np.asarray(lengths)
    stretch = size * MEGABATCH
    batches: list[list[int]] = []
    for start in range(0, len(shuffled), stretch):
        part = shuffled[start : start + stretch]
        part = part[np.argsort(-known[part], kind="stable")]
        batches += [part[i : i + size].tolist() for i in range(0, len(part), size)]
    return [batches[i] for i in random.permutation(len(batches))]


def order_alike(
    targets: Sequence[tuple[int, ...]], size: int, seed: int, epoch: int
) -> list[list[int]]:
    """Return batches like ``order``, in which windows with the same targets come in fours.

    So every batch has some that are alike, and many that are not. As many batches as by
    ``order``; little of a batch is sorted by length.
    """
    random = np.random.default_rng((seed, epoch))
    places: dict[tuple[int, ...], list[int]] = {}
    for position in random.permutation(len(targets)).tolist():
        places.setdefault(targets[position], []).append(position)
    fours = [some[i : i + 4] for some in places.values() for i in range(0, len(some), 4)]
    mixed = [position for i in random.permutation(len(fours)) for position in fours[i]]
    return [mixed[i : i + size] for i in range(0, len(mixed), size)]


def by_budget(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield positions, longest first, in batches of at most ``budget`` padded pieces."""
    batch: list[int] = []
    for position in np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable").tolist():
        if batch and (len(batch) + 1) * lengths[batch[0]] > budget:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def collate(windows: Iterable[Window], padding: int) -> Batch:
    """Pad windows to the longest of them."""
    windows = tuple(windows)
    shape = len(windows), max(len(window.pieces) for window in windows)
    pieces = np.full(shape, padding, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    at_pieces = any(window.places for window in windows) or not windows[0].targets
    width = shape[1] if at_pieces else len(windows[0].targets)
    targets = np.full((len(windows), width), IGNORED, dtype=np.int64)
    paired = any(window.segments for window in windows)
    segments = np.zeros(shape if paired else (0,), dtype=np.int64)
    for row, window in enumerate(windows):
        pieces[row, : len(window.pieces)] = window.pieces
        mask[row, : len(window.pieces)] = 1
        targets[row, list(window.places) if at_pieces else slice(None)] = window.targets
        if paired:
            segments[row, : len(window.segments)] = window.segments
    shares = np.array([window.share for window in windows], dtype=np.float32)
    shares = shares[:0] if (shares == 1.0).all() else shares
    return Batch(windows, *map(torch.from_numpy, (pieces, mask, targets, segments, shares)))
