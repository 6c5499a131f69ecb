"""Texts counted by the day or week they are of, and by what they are about.

A cell is a topic and a label. "" is any, so ("", "") counts all texts, ("cards", "") those about
cards, ("cards", "negative") those of them that a second model calls negative. A topic below
another (``cards/lost``) counts for that one (``cards``), too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from engine.monitoring import chance
from engine.monitoring.rhythm import By

Cell = tuple[str, str]
ALL: Cell = ("", "")
# Longer series hold a wrong date; what is older than this before the newest text is left out.
MOST_DAYS = 20 * 366


@dataclass(frozen=True, slots=True)
class Series:
    """The counts of one cell, bin after bin without a gap, beside those of all texts."""

    topic: str
    label: str
    by: By
    start: date
    """The first day of the first bin; weeks begin on Monday."""
    counts: np.ndarray
    """int64 of shape (bins,)"""
    totals: np.ndarray

    def day(self, at: int) -> date:
        """Return the first day of a bin."""
        return self.start + timedelta(days=at * (7 if self.by is By.WEEK else 1))

    def to_json(self) -> dict[str, Any]:
        """Return the series with the share of all texts and its interval, bin by bin."""
        points = [self._point(at) for at in range(len(self.counts))]
        return {"topic": self.topic, "label": self.label, "points": points}

    def _point(self, at: int) -> dict[str, Any]:
        count, total = int(self.counts[at]), int(self.totals[at])
        low, high = chance.wilson(count, total)
        return {
            "date": self.day(at).isoformat(),
            "count": count,
            "total": total,
            "share": count / total if total else None,
            "low": low if total else None,
            "high": high if total else None,
        }


def cells(topics: Iterable[str], labels: Iterable[str]) -> set[Cell]:
    """Return all cells that a text counts in, by what one or two models call it."""
    above = {part for topic in topics for part in _levels(topic)} | {""}
    return {(topic, label) for topic in above for label in {"", *labels}}


def _levels(topic: str) -> list[str]:
    """Return a topic and those above it: "a/b" is "a", too."""
    parts = topic.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1) if "".join(parts[:end])]


def bin_of(day: date, by: By) -> date:
    """Return the first day of the bin that a day is in; weeks begin on Monday."""
    return day - timedelta(days=day.weekday()) if by is By.WEEK else day


def count(found: Iterable[tuple[date, Iterable[str], Iterable[str]]]) -> Counter[tuple[date, Cell]]:
    """Count texts, each with its day, topics and labels, by day and cell."""
    counted: Counter[tuple[date, Cell]] = Counter()
    for day, topics, labels in found:
        counted.update((day, cell) for cell in cells(topics, labels))
    return counted


def series(counted: Mapping[tuple[date, Cell], int], by: By) -> list[Series]:
    """Return the series of all cells that have a text, the total's first, then by name."""
    days = {bin_of(day, by) for day, _ in counted}
    if not days:
        return []
    last = max(days)
    first = min(day for day in days if (last - day).days <= MOST_DAYS)
    width = 7 if by is By.WEEK else 1
    bins = (last - first).days // width + 1
    known: dict[Cell, np.ndarray] = {}
    for (day, cell), number in counted.items():
        at = (bin_of(day, by) - first).days // width
        if at >= 0:
            known.setdefault(cell, np.zeros(bins, dtype=np.int64))[at] += number
    totals = known.get(ALL, np.zeros(bins, dtype=np.int64))
    return [Series(*cell, by, first, known[cell], totals) for cell in sorted(known)]
