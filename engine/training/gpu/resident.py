"""Windows that lie on a device as a whole, where batches of them are cut without the CPU.

A batch is padded to a length that the caller chooses, so that batches have few shapes. Packed one
after another, without padding, they would be no faster: with attention over windows of unequal
lengths (``varlen_attn``) a step takes as long (tests/benchmarks/README.md).
"""

from __future__ import annotations

import numpy as np
import torch

from engine.encoding.batches import Batch
from engine.encoding.examples import IGNORED
from engine.encoding.packed import Windows


class Resident:
    """The tensors of all windows; a batch of them has no ``windows``.

    Something is asked of every window.
    """

    def __init__(self, windows: Windows, padding: int, device: torch.device) -> None:
        self._padding, self._device = padding, device
        lengths = windows.lengths
        starts = np.cumsum(lengths) - lengths
        self._lengths, self._starts = self._put(lengths), self._put(starts)
        self._pieces = self._put(windows.pieces)
        self._at_pieces = bool(windows.counts("places").any())
        self._targets = self._put(_targets(windows, starts, self._at_pieces))
        segments, shares = _segments(windows), windows.numbers("share").astype(np.float32)
        self._segments = self._put(segments)
        self._shares = self._put(shares if (shares != 1.0).any() else shares[:0])

    def _put(self, numbers: np.ndarray) -> torch.Tensor:
        return torch.tensor(numbers, device=self._device)

    def batch(self, rows: torch.Tensor, length: int) -> Batch:
        """Cut the windows of these numbers, int64 on the device, padded to ``length`` pieces."""
        real = self._real(rows, length)
        at = self.spread(self._starts, rows, length)
        targets = self._targets[at if self._at_pieces else rows].long()
        segments = self._segments[at].long() * real if len(self._segments) else self._segments
        return Batch(
            (),
            self._pieces[at].long().masked_fill(~real, self._padding),
            real.long(),
            targets.masked_fill(~real, IGNORED) if self._at_pieces else targets,
            segments,
            self._shares[rows] if len(self._shares) else self._shares,
        )

    def spread(self, firsts: torch.Tensor, rows: torch.Tensor, length: int) -> torch.Tensor:
        """Return where each piece of a batch lies, where windows begin at ``firsts``.

        int64 of shape (windows, length), 0 for padding.
        """
        places = firsts[rows][:, None] + torch.arange(length, device=self._device)
        return places * self._real(rows, length)

    def _real(self, rows: torch.Tensor, length: int) -> torch.Tensor:
        """Tell which pieces of a batch are no padding: bool of shape (windows, length)."""
        return torch.arange(length, device=self._device) < self._lengths[rows][:, None]


def _targets(windows: Windows, starts: np.ndarray, at_pieces: bool) -> np.ndarray:
    """Return a target for each piece, or where the model answers once, a row for each window."""
    if not at_pieces:
        return windows.targets.reshape(len(windows), -1)
    targets = np.full(len(windows.pieces), IGNORED, dtype=np.int32)
    targets[np.repeat(starts, windows.counts("places")) + windows.flat("places")] = windows.targets
    return targets


def _segments(windows: Windows) -> np.ndarray:
    """Return the segment of each piece; nothing where every text stands alone."""
    own = windows.flat("segments")
    if not len(own):
        return own
    segments = np.zeros(len(windows.pieces), dtype=np.int32)
    segments[np.repeat(windows.counts("segments") > 0, windows.lengths)] = own
    return segments
