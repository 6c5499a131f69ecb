"""Windows by their numbers, in arrays: a tenth of the memory of as many objects.

A million sentences are as many windows of some thirty pieces: 400 MB here, 4 GB as objects. A
window is made when somebody asks for it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, overload

import numpy as np

from engine.encoding.examples import IGNORED, Window

_LISTS = "pieces", "units", "places", "targets", "segments"


class Cut(NamedTuple):
    """What a tokenizer made of words."""

    pieces: int
    wordless: int
    """Words of which it made nothing, such as zero-width spaces."""


class _Lists:
    """One list of numbers for each window."""

    def __init__(self, flat: array, ends: array) -> None:
        self.flat = np.frombuffer(flat, dtype=np.int32) if flat else np.zeros(0, dtype=np.int32)
        self.borders = np.zeros(len(ends) + 1, dtype=np.int64)
        self.borders[1:] = ends

    def of(self, row: int) -> tuple[int, ...]:
        """Return a window's list."""
        start, end = self.borders[row : row + 2]
        return tuple(self.flat[start:end].tolist())

    def lengths(self, rows: np.ndarray) -> np.ndarray:
        """Return how long the lists of some windows are."""
        return self.borders[rows + 1] - self.borders[rows]

    def together(self, rows: np.ndarray) -> np.ndarray:
        """Return the lists of some windows, one after another."""
        if len(rows) == len(self.borders) - 1:
            return self.flat
        lengths = self.lengths(rows)
        shift = np.repeat(self.borders[rows] - (np.cumsum(lengths) - lengths), lengths)
        return self.flat[np.arange(lengths.sum()) + shift]


class Windows(Sequence[Window]):
    """Satisfies ``Sequence[Window]``; rows of arrays stand behind it."""

    def __init__(
        self, lists: dict[str, _Lists], numbers: dict[str, np.ndarray], rows: np.ndarray
    ) -> None:
        """Use ``of`` instead."""
        self._lists, self._numbers, self._rows = lists, numbers, rows
        self.cut: Cut | None = None

    @classmethod
    def of(cls, windows: Iterable[Window]) -> Windows:
        """Take windows in, one after another."""
        if isinstance(windows, Windows):
            return windows
        flat = {name: array("i") for name in _LISTS}
        ends = {name: array("q") for name in _LISTS}
        numbers: dict[str, array]
        numbers = {"document": array("q"), "words": array("q"), "share": array("d")}
        background = array("b")
        for window in windows:
            for name in _LISTS:
                flat[name].extend(getattr(window, name))
                ends[name].append(len(flat[name]))
            for name, values in numbers.items():
                values.append(getattr(window, name))
            background.append(window.background)
        lists = {name: _Lists(flat[name], ends[name]) for name in _LISTS}
        found = {name: np.array(values) for name, values in numbers.items()}
        found["background"] = np.array(background, dtype=bool)
        return cls(lists, found, np.arange(len(background)))

    def kept(self, mask: np.ndarray) -> Windows:
        """Return those windows for which a mask is true."""
        found = self if mask.all() else Windows(self._lists, self._numbers, self._rows[mask])
        found.cut = self.cut
        return found

    def counts(self, name: str) -> np.ndarray:
        """Return how long the windows' lists of this name are: int64."""
        return self._lists[name].lengths(self._rows)

    def flat(self, name: str) -> np.ndarray:
        """Return the windows' lists of this name, one after another: int32."""
        return self._lists[name].together(self._rows)

    def numbers(self, name: str) -> np.ndarray:
        """Return the windows' numbers of this name: ``document``, ``words`` or ``share``."""
        return self._numbers[name][self._rows]

    @property
    def lengths(self) -> np.ndarray:
        """How many pieces each window has: int64."""
        return self.counts("pieces")

    @property
    def background(self) -> np.ndarray:
        """Which windows show nothing but what most show: bool."""
        return self._numbers["background"][self._rows]

    @property
    def asked(self) -> np.ndarray:
        """Which windows have a target that is known: bool."""
        counts = self.counts("targets")
        known = np.concatenate([[0], np.cumsum(self.targets != IGNORED)])
        ends = np.cumsum(counts)
        return known[ends] > known[ends - counts]

    @property
    def pieces(self) -> np.ndarray:
        """The pieces of all windows, one after another: int32."""
        return self.flat("pieces")

    @property
    def targets(self) -> np.ndarray:
        """The targets of all windows, likewise."""
        return self.flat("targets")

    @property
    def shares(self) -> np.ndarray:
        """How much each of the targets counts: float64."""
        return np.repeat(self.numbers("share"), self.counts("targets"))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Window: ...

    @overload
    def __getitem__(self, place: slice) -> list[Window]: ...

    def __getitem__(self, place: int | slice) -> Window | list[Window]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        row = int(self._rows[place])
        numbers = {name: values[row].item() for name, values in self._numbers.items()}
        lists = {name: self._lists[name].of(row) for name in _LISTS}
        return Window(**numbers, **lists)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Window]:
        return map(self.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(Window.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]
