"""In which places several versions of one document differ. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.types import Span


class Differing(StrEnum):
    """How the versions of a place differ; the value says it to people."""

    LABEL = "other label"
    """The same words, with other labels."""
    BORDERS = "other borders"
    """The same label, on other words."""
    BOTH = "label and borders"
    SOME = "only some have it"
    """All who labelled anything there say the same."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A place that versions differ in: ``sides`` has the marks of each there, in their order.

    ``start`` and ``end`` are the code points that the marks reach over, 0 and 0 of the whole
    document.
    """

    start: int
    end: int
    kind: Differing
    sides: tuple[tuple[Span, ...], ...]

    @property
    def marks(self) -> tuple[Span, ...]:
        """All marks that anybody has there, each once, in reading order."""
        return tuple(sorted({mark for side in self.sides for mark in side}))


def disputed(versions: Sequence[Collection[Span]]) -> set[Span]:
    """Return the marks that some versions have and others have not."""
    counts = Counter(mark for version in versions for mark in set(version))
    return {mark for mark, count in counts.items() if count < len(versions)}


def find(versions: Sequence[Collection[Span]], several: bool = False) -> list[Difference]:
    """Return where versions of a document differ, in reading order.

    Marks that some lack belong to one place where they overlap, be it over others of them.
    Labels of the whole document are one place, or one each where a document may have
    ``several``: then each is a question of its own.
    """
    return [_difference(group, versions) for group in places(disputed(versions), several)]


def places(marks: Iterable[Span], several: bool = False) -> list[list[Span]]:
    """Return the disputed marks of a document in groups, one for each place of ``find``."""
    ordered = sorted(marks)
    if several and _are_whole(ordered):
        return [[mark] for mark in ordered]
    return _meeting(ordered)


def _are_whole(marks: Iterable[Span]) -> bool:
    return all(mark.whole for mark in marks)


def _meeting(marks: Sequence[Span]) -> list[list[Span]]:
    """Return sorted marks in groups that overlap; those of the whole document are one."""
    groups: list[list[Span]] = []
    end = -1
    for mark in marks:
        if groups and (mark.start < end or (mark.whole and groups[-1][0].whole)):
            groups[-1].append(mark)
        else:
            groups.append([mark])
        end = max(end, mark.end)
    return groups


def _difference(group: Sequence[Span], versions: Sequence[Collection[Span]]) -> Difference:
    here = set(group)
    sides = tuple(tuple(sorted(here.intersection(version))) for version in versions)
    start, end = min(mark.start for mark in group), max(mark.end for mark in group)
    return Difference(start, end, _kind(sides), sides)


def _kind(sides: Iterable[tuple[Span, ...]]) -> Differing:
    said = {side for side in sides if side}
    if len(said) == 1:
        return Differing.SOME
    if len({tuple((mark.start, mark.end) for mark in side) for side in said}) == 1:
        return Differing.LABEL
    if len({frozenset(mark.label for mark in side) for side in said}) == 1:
        return Differing.BORDERS
    return Differing.BOTH
