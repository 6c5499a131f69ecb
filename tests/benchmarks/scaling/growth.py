"""With what a time grows: each dimension by itself, while the two others are held still."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from tests.benchmarks.scaling.rows import Size

DIMENSIONS = tuple(field.name for field in fields(Size))
# Below so many milliseconds a time is noise, and so is a difference below this share.
LEAST = 2.0
NOISE = 0.5


@dataclass(frozen=True, slots=True)
class Growth:
    """What a time did from the smallest size to the largest.

    ``exponent`` is p where it grew as size ** p: 0 is not at all, 1 is as the size does, None where
    all is noise. ``is_fast`` where it grew by more than the sizes' logarithms did.
    """

    sizes: tuple[int, ...]
    ms: tuple[float, ...]
    exponent: float | None
    is_fast: bool


def plan(asked: Mapping[str, Sequence[int]], grow: Sequence[str]) -> dict[str, list[Size]]:
    """Return the sizes to measure for each dimension that grows, the others at their smallest.

    One that was asked for at one size only has nothing to grow from.
    """
    base = Size(**{name: min(asked[name]) for name in DIMENSIONS})
    return {
        name: [replace(base, **{name: number}) for number in sorted(set(asked[name]))]
        for name in DIMENSIONS
        if name in grow and len(set(asked[name])) > 1
    } or {DIMENSIONS[0]: [base]}


def growth(sizes: Sequence[int], ms: Sequence[float]) -> Growth:
    """Tell how a time grew with sizes, which go up."""
    return Growth(tuple(sizes), tuple(ms), _exponent(sizes, ms), _is_fast(sizes, ms))


def _exponent(sizes: Sequence[int], ms: Sequence[float]) -> float | None:
    """Return the slope of the logarithms by least squares."""
    if len(sizes) < 2 or max(ms) <= LEAST:
        return None
    points = [(math.log(s), math.log(max(t, LEAST))) for s, t in zip(sizes, ms, strict=True)]
    x, y = (statistics.fmean(axis) for axis in zip(*points, strict=True))
    spread = sum((a - x) ** 2 for a, _ in points)
    return sum((a - x) * (b - y) for a, b in points) / spread


def _is_fast(sizes: Sequence[int], ms: Sequence[float]) -> bool:
    # A logarithm of one would allow nothing.
    allowed = math.log(sizes[-1] + 1) / math.log(sizes[0] + 1)
    return ms[-1] > max(ms[0], LEAST) * allowed * (1 + NOISE) + LEAST
