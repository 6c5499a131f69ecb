"""The confusion table: counted from matches, and read back from a report. Standard library.

Figures, cells, lists of mistakes and sentences are all computed from this one count, so that a
number is the same wherever it is shown, and the number of rows that it opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.branches import stem, within
from storage.cells import ANY, MISSED, SPURIOUS, Cell, Only
from storage.types import ErrorKind, Match


def confuse(matches: Iterable[Match]) -> dict:
    """Count matches by gold (row) and predicted (column) label.

    With n labels the table is (n+1) × (n+1): the last column is *missed*, the last row
    *spurious*, the corner 0. The diagonal holds boundary errors too; ``exact`` says how
    many of each diagonal cell are not.
    """
    return add_up((*kind_of(match), 1) for match in matches)


def kind_of(match: Match) -> tuple[str | None, str | None, bool]:
    """Return what the table tells apart: gold and predicted label, and whether it is exact."""
    gold, predicted = match.gold, match.predicted
    exact = match.kind == ErrorKind.EXACT
    return gold.label if gold else None, predicted.label if predicted else None, exact


def add_up(numbers: Iterable[tuple[str | None, str | None, bool, int]]) -> dict:
    """Return the table of matches that are counted already: gold, predicted, exact, how many."""
    numbers = list(numbers)
    labels = sorted({side for gold, predicted, *_ in numbers for side in (gold, predicted) if side})
    place_of: dict[str | None, int] = {label: index for index, label in enumerate(labels)}
    place_of[None] = len(labels)
    counts = [[0] * (len(labels) + 1) for _ in range(len(labels) + 1)]
    exact = [0] * len(labels)
    for gold, predicted, right, number in numbers:
        counts[place_of[gold]][place_of[predicted]] += number
        if right:
            exact[place_of[gold]] += number
    return {"labels": labels, "counts": counts, "exact": exact}


def places(side: str, names: Sequence[str]) -> list[int]:
    """Return which of a table's names a side of a part means: one, those of a branch, or all."""
    return [at for at, name in enumerate(names) if side == ANY or within(side, name)]


@dataclass(frozen=True, slots=True)
class Mistake:
    """Spans that went wrong in one way: a cell beside the diagonal, or a label's wrong borders."""

    gold: str
    predicted: str
    count: int

    @property
    def only(self) -> Only:
        """Return which rows of the cell are meant: on the diagonal those with wrong borders."""
        return Only.BORDERS if self.gold == self.predicted else Only.ALL

    def cell(self, run: int, split: str) -> Cell:
        """Return the part of a run's table that holds these spans."""
        return Cell(run, split, self.gold, self.predicted, self.only)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of gold (row) × predicted (column); the last row is spurious, the last column missed.

    ``exact`` says of each diagonal cell how many of its spans have the right borders, too.
    """

    labels: Sequence[str]
    counts: Sequence[Sequence[int]]
    exact: Sequence[int]

    @classmethod
    def of(cls, scores: Mapping[str, Any]) -> Confusion:
        """Return the table of one split's scores."""
        return cls(**scores["confusion"])

    @property
    def rows(self) -> list[str]:
        return [*self.labels, SPURIOUS]

    @property
    def columns(self) -> list[str]:
        return [*self.labels, MISSED]

    @property
    def has_borders(self) -> bool:
        """Tell whether some have the right label and wrong borders."""
        return any(self._borders(label) for label in self.labels)

    def count(self, gold: str, predicted: str, only: Only = Only.ALL) -> int:
        """Return how many rows a part of the table opens; 0 for what the table does not hold."""
        if only is Only.ERRORS:
            return self._errors(gold)
        if only is Only.BORDERS:
            return self._borders(gold) if gold in self.labels else 0
        rows, columns = places(gold, self.rows), places(predicted, self.columns)
        return sum(self.counts[i][j] for i in rows for j in columns)

    def _errors(self, side: str) -> int:
        """Count what went wrong with a label, those of a branch, or any."""
        if side == ANY or stem(side) is None:
            return sum(mistake.count for mistake in self.mistakes(side))
        return sum(
            mistake.count
            for mistake in self.mistakes()
            if within(side, mistake.gold) or within(side, mistake.predicted)
        )

    def shares(self) -> list[list[float]]:
        """Return each count as a share of its row; what is spurious as one of its column.

        What is spurious is no kind of spans: there it is the share of what was given that label.
        """
        columns = [sum(column) for column in zip(*self.counts, strict=True)]
        totals = [*([sum(row)] * len(row) for row in self.counts[:-1]), columns]
        return [
            [count / max(1, total) for count, total in zip(*pair, strict=True)]
            for pair in zip(self.counts, totals, strict=True)
        ]

    def mistakes(self, label: str = ANY) -> list[Mistake]:
        """Return what went wrong with a label on either side, or with any, the most first."""
        rows, columns = self.rows, self.columns
        # Of one label only its row and its column are looked at: others ask for each of hundreds.
        every, own = range(len(columns)), [j for j, name in enumerate(columns) if name == label]
        beside = [
            Mistake(row, columns[j], self.counts[i][j])
            for i, row in enumerate(rows)
            for j in (every if label in (row, ANY) else own)
            if i != j
        ]
        wanted = self.labels if label == ANY else [label] if label in self.labels else []
        borders = [Mistake(name, name, self._borders(name)) for name in wanted]
        found = [mistake for mistake in beside + borders if mistake.count]
        return sorted(found, key=lambda mistake: -mistake.count)

    def _borders(self, label: str) -> int:
        at = list(self.labels).index(label)
        return self.counts[at][at] - self.exact[at]
