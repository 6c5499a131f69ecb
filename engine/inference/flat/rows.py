"""Windows one after another, without padding, and where in them everything is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch

from engine.encoding.examples import Window


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring windows of the same length: their pieces look at each other all alike."""

    start: int
    """The row of their first piece."""
    windows: int
    length: int

    @property
    def rows(self) -> slice:
        """Where all their pieces are."""
        return slice(self.start, self.start + self.windows * self.length)


@dataclass(frozen=True, slots=True)
class Rows:
    """The pieces of windows as int64 tensors, one row a piece."""

    pieces: torch.Tensor
    places: torch.Tensor
    """Which piece of its window it is, from 0."""
    segments: torch.Tensor
    """Token types; empty where every text stands alone."""
    answers: torch.Tensor
    """The rows that answer for the windows' units, or each window's first, in their order."""
    stretches: tuple[Stretch, ...]

    @property
    def starts(self) -> np.ndarray:
        """The row of each window's first piece."""
        return np.flatnonzero(self.places.numpy() == 0)

    @classmethod
    def of(cls, windows: Sequence[Window]) -> Rows:
        """Lay windows out, those of one length best side by side."""
        lengths = np.array([len(window.pieces) for window in windows])
        starts = np.cumsum(lengths) - lengths
        places = np.arange(lengths.sum()) - np.repeat(starts, lengths)
        answers = [
            start + np.array(window.places or (0,))
            for start, window in zip(starts, windows, strict=True)
        ]
        stretches, at = [], 0
        for length, some in groupby(lengths.tolist()):
            stretches.append(Stretch(at, sum(1 for _ in some), length))
            at = stretches[-1].rows.stop
        tensors = (
            _together([window.pieces for window in windows]),
            torch.from_numpy(places),
            _segments(windows),
            torch.from_numpy(np.concatenate(answers)),
        )
        return cls(*tensors, tuple(stretches))


def _segments(windows: Sequence[Window]) -> torch.Tensor:
    if not any(window.segments for window in windows):
        return torch.empty(0, dtype=torch.int64)
    return _together([window.segments or (0,) * len(window.pieces) for window in windows])


def _together(lists: Sequence[Sequence[int]]) -> torch.Tensor:
    return torch.from_numpy(np.concatenate([np.array(each, dtype=np.int64) for each in lists]))
