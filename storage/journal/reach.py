"""Which spans of a document some edits can meet: of a long one no others need to be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from storage.engines.schema import SpanRow

# Beyond so many places all spans are read: a condition for each would take longer.
MOST = 20
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reach:
    """``named`` are the spans' own names, ``ranges`` places, ``held`` names whose places count."""

    named: frozenset[str]
    ranges: frozenset[Range]
    held: frozenset[str]

    def condition(self, session: Session, annotation: int) -> ColumnElement[bool] | None:
        """Return what the spans of an annotation must be to lie within; None: any."""
        ranges = self.ranges | self._held(session, annotation)
        # A mark of the whole document meets all others.
        if any(start >= end for start, end in ranges):
            return None
        meets = [(SpanRow.start < end) & (SpanRow.end > start) for start, end in sorted(ranges)]
        return or_(false(), SpanRow.uid.in_(self.named), *meets)

    def _held(self, session: Session, annotation: int) -> frozenset[Range]:
        if not self.held:
            return frozenset()
        query = select(SpanRow.start, SpanRow.end).where(
            SpanRow.annotation_id == annotation, SpanRow.uid.in_(self.held)
        )
        return frozenset((start, end) for start, end in session.execute(query))


def of(batch: Iterable[Mapping[str, Any]]) -> Reach | None:
    """Return how far a client's edits reach; None: anywhere.

    What is badly said is left out: it is refused, whatever stands in the document.
    """
    parts = [part for operation in batch for part in _parts(operation)]
    named = frozenset(_names(parts))
    ranges = frozenset(_ranges(parts))
    held = frozenset(_names(part for part in parts if part.get("kind") == "relabel"))
    return None if len(named) + len(ranges) > MOST else Reach(named, ranges, held)


def _parts(operation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield an edit, or those of which it consists, and the spans in them."""
    inner = operation.get("operations")
    for part in inner if isinstance(inner, list) else [operation]:
        if isinstance(part, Mapping):
            yield part
            if isinstance(span := part.get("span"), Mapping):
                yield span


def _names(parts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (id for part in parts if isinstance(id := part.get("id"), str))


def _ranges(parts: Iterable[Mapping[str, Any]]) -> Iterator[Range]:
    for part in parts:
        start, end = part.get("start"), part.get("end")
        # A database takes no larger numbers, and no text is so long.
        if isinstance(start, int) and isinstance(end, int) and max(abs(start), abs(end)) < 2**31:
            yield start, end
