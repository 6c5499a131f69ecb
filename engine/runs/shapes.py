"""What a value that was read from a file must look like, told by a value of the same form.

A shape is a test, a mapping of names to shapes, a list with the shape of its items, or one of
the two classes below. Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

# The largest that every database takes for a whole number, and a number that is sure to be none.
MOST_WHOLE, MOST = 2**31 - 1, 1e15


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value of this shape, null, or none at all."""

    shape: object


@dataclass(frozen=True, slots=True)
class Each:
    """A mapping of any names to values of this shape."""

    shape: object


def misfit(value: object, shape: object, where: str = "") -> str:
    """Name the first part that is not as it should be, like "test.entity"; empty where all is."""
    if isinstance(shape, Maybe):
        return "" if value is None else misfit(value, shape.shape, where)
    if isinstance(shape, dict) and isinstance(value, dict):
        return _first((value.get(name), part, name, where) for name, part in shape.items())
    if isinstance(shape, Each) and isinstance(value, dict):
        return _first((item, shape.shape, name, where) for name, item in value.items())
    if isinstance(shape, list) and isinstance(value, list):
        return _first((item, shape[0], index, where) for index, item in enumerate(value))
    return "" if callable(shape) and shape(value) else where or "all"


def _first(parts: Iterable[tuple[object, object, object, str]]) -> str:
    found = (misfit(value, shape, f"{where}.{n}".lstrip(".")) for value, shape, n, where in parts)
    return next(filter(None, found), "")


def text(value: object) -> bool:
    """Tell whether this is a text."""
    return isinstance(value, str)


def flag(value: object) -> bool:
    """Tell whether this is yes or no."""
    return isinstance(value, bool)


def whole(value: object) -> bool:
    """Tell whether this is a count."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_WHOLE


def number(value: object) -> bool:
    """Tell whether this is a number that can be computed with."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < MOST and math.isfinite(value)


def mapping(value: object) -> bool:
    """Tell whether this is a mapping, whatever is in it."""
    return isinstance(value, dict)


def moment(value: object) -> bool:
    """Tell whether this is a moment as the workers and the database write it."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
