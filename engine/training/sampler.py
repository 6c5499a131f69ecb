"""Which windows an epoch shows, and in which batches.

Most documents of a corpus may hold nothing but background: no mark at all. All of them teach
one and the same, and an epoch that shows a part of them, another part each time, teaches as
much in less time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.configuration.settings import Settings
from engine.encoding.batches import order, order_alike
from engine.encoding.examples import Window
from engine.encoding.packed import Windows


class Sampler:
    """Every window but those of background, and ``settings.empty_share`` of these, in turn.

    What an epoch shows follows from (seed, epoch) alone; with a share of 1 it is everything.
    """

    def __init__(self, windows: Sequence[Window], settings: Settings) -> None:
        self._settings = settings
        packed = Windows.of(windows)
        self._lengths, full = packed.lengths, ~packed.background
        self._full, empty = np.flatnonzero(full), np.flatnonzero(~full)
        self._targets = [window.targets for window in windows] if settings.contrast else []
        self._empty = np.random.default_rng((settings.seed, 0)).permutation(empty)
        self._shown = math.ceil(len(empty) * settings.empty_share)
        self.per_epoch = math.ceil((len(self._full) + self._shown) / settings.batch_size)
        """Batches in an epoch, the same number in each."""

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the epoch's batches as lists of positions among the windows."""
        turn = np.arange((epoch - 1) * self._shown, epoch * self._shown)
        shown = self._empty[turn % max(len(self._empty), 1)]
        chosen = np.sort(np.concatenate([self._full, shown]))
        settings = self._settings
        if settings.contrast:
            targets = [self._targets[position] for position in chosen]
            groups = order_alike(targets, settings.batch_size, settings.seed, epoch)
        else:
            groups = order(self._lengths[chosen], settings.batch_size, settings.seed, epoch)
        return [chosen[group].tolist() for group in groups]
