"""How agreement went over time: week by week, or by so many documents, as they were finished.

A document belongs to the moment at which the last of those who are compared finished it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.agreement import everyone
from engine.agreement.everyone import SHARED, Shared
from engine.agreement.versions import Versions

STEP = 100
# So many points at most are drawn: with more documents each stands for more of them.
MOST = 60


class By(StrEnum):
    """What a point of the course stands for."""

    WEEK = "week"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Period:
    """A point: Krippendorff's α of the documents of some time, None where it says nothing."""

    begin: np.datetime64
    end: np.datetime64
    documents: int
    alpha: float | None
    low: float | None
    high: float | None


def course(versions: Versions, by: By = By.WEEK, label: str | None = None) -> list[Period]:
    """Return how α went, of all labels together or of one, the oldest first.

    Documents of which nobody knows when they were finished are left out.
    """
    versions = versions.of_documents(versions.shared)
    # Seconds since 1970; 0 stands for a moment that nobody knows.
    seconds = np.where(np.isnat(versions.when), 0, versions.when.astype(np.int64))
    when = seconds.max(axis=0, initial=0).astype("datetime64[s]")
    known = when.astype(np.int64) > 0
    row = 0 if label is None else 1 + versions.labels.index(label)
    groups = _weeks(when, known) if by is By.WEEK else _steps(when, known)
    return [_period(versions, when, group, row) for group in groups]


def _weeks(when: np.ndarray, known: np.ndarray) -> list[np.ndarray]:
    # Day 0, 1 January 1970, was a Thursday: weeks begin on Mondays.
    week = (when.astype("datetime64[D]").astype(int) + 3) // 7
    return [known & (week == each) for each in np.unique(week[known])][-MOST:]


def _steps(when: np.ndarray, known: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(when, kind="stable")
    order = order[known[order]]
    step = STEP * max(1, -(-len(order) // (STEP * MOST)))
    groups = []
    for begun in range(0, len(order), step):
        group = np.zeros(len(when), bool)
        group[order[begun : begun + step]] = True
        groups.append(group)
    return groups


def _period(versions: Versions, when: np.ndarray, group: np.ndarray, row: int) -> Period:
    found = everyone.compare(versions.of_documents(group))
    at = SHARED.index(Shared.ALPHA)
    said = (float(each[at, row]) for each in (found.values, found.low, found.high))
    alpha, low, high = (None if np.isnan(each) else each for each in said)
    moments = when[group]
    return Period(moments.min(), moments.max(), int(group.sum()), alpha, low, high)
