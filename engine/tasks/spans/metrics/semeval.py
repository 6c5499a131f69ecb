"""Scores in four degrees of strictness, as SemEval-2013 task 9.1 defined them and nervaluate does.

Gold and predicted spans are paired one to one, and a pair must overlap. What is *correct*:

- strict: the borders and the label are the same;
- exact: the borders are the same, whatever the label;
- partial: the borders are the same, whatever the label; any other pair is *partial*, half right;
- type: the label is the same, whatever the borders.

A pair that is neither correct nor partial is *incorrect*; a gold span without a partner is
*missed*, a predicted one *spurious*. Gold spans are COR + INC + PAR + MIS, predicted ones
COR + INC + PAR + SPU; precision and recall are COR + PAR / 2 of these (Segura-Bedmar, Martínez
and Herrero-Zazo 2013; the categories are those of MUC-5, Chinchor and Sundheim 1993).

What is paired where a span overlaps several is left open. Here each degree takes what serves it
best: of all ways to pair that keep the reading order on both sides (where no two spans of a side
overlap there are no others), the one with the most that is correct, and among those with the most
pairs. So the order in which spans are given says nothing. nervaluate lets each predicted span take
what it finds, and where one takes what another needs, figures are lower and change with the order.
A report's matches serve all degrees at once, and so a span that is missed there may be half right
here; what is right in borders and label is the same.

The figures of one label are those of its own spans, as if there were no others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from engine.evaluation.rates import divide, f1_of_rates
from engine.tasks.spans.metrics.scoring import touching
from storage.types import Document, Span


class Degree(StrEnum):
    """What must be right; nervaluate calls the last ``ent_type``."""

    STRICT = "strict"
    EXACT = "exact"
    PARTIAL = "partial"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class Tally:
    """Pairs, and spans without a partner, in one degree."""

    correct: int = 0
    incorrect: int = 0
    partial: int = 0
    missed: int = 0
    spurious: int = 0

    @property
    def gold(self) -> int:
        return self.correct + self.incorrect + self.partial + self.missed

    @property
    def predicted(self) -> int:
        return self.correct + self.incorrect + self.partial + self.spurious

    @property
    def rates(self) -> dict[str, float]:
        """Return precision, recall and F1; each is 0 where there is nothing to divide by."""
        right, predicted, gold = (
            np.array([n], np.float64)
            for n in (self.correct + self.partial / 2, self.predicted, self.gold)
        )
        return {
            "precision": float(divide(right, predicted)[0]),
            "recall": float(divide(right, gold)[0]),
            "f1": float(f1_of_rates(right, predicted, gold)[0]),
        }


Tallies = Mapping[Degree, Tally]


@dataclass(frozen=True, slots=True)
class Scores:
    """The tally of each degree: of all spans, and of each label's alone."""

    all: Tallies
    labels: Mapping[str, Tallies]

    def to_dict(self) -> dict:
        """Return ``{"all": {degree: row}, "labels": {label: {degree: row}}}``.

        A row is ``{correct, incorrect, partial, missed, spurious, precision, recall, f1}``.
        """
        return {
            "all": _rows(self.all),
            "labels": {label: _rows(tallies) for label, tallies in self.labels.items()},
        }


def _rows(tallies: Tallies) -> dict:
    return {str(degree): {**asdict(tally), **tally.rates} for degree, tally in tallies.items()}


def score(documents: Sequence[Document], predicted: Iterable[Sequence[Span]]) -> Scores:
    """Score predicted spans (one sequence per document) against the documents' own spans."""
    every: Counter[str] = Counter()
    labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for document, spans in zip(documents, predicted, strict=True):
        _count(every, document.spans, spans)
        gold, found = _by_label(document.spans), _by_label(spans)
        for label in gold.keys() | found.keys():
            _count(labels[label], gold[label], found[label])
    return Scores(_tallies(every), {label: _tallies(labels[label]) for label in sorted(labels)})


def of_all(
    documents: Sequence[Document], predicted: Iterable[Sequence[Span]]
) -> dict[str, dict[str, Any]]:
    """Return each degree's row of all spans, as a report holds it: with their support."""
    counts: Counter[str] = Counter()
    for document, spans in zip(documents, predicted, strict=True):
        _count(counts, document.spans, spans)
    tallies = _tallies(counts)
    return {name: {**row, "support": counts["gold"]} for name, row in _rows(tallies).items()}


def _by_label(spans: Iterable[Span]) -> defaultdict[str, list[Span]]:
    found: defaultdict[str, list[Span]] = defaultdict(list)
    for span in spans:
        found[span.label].append(span)
    return found


Right = Callable[[Span, Span], bool]


def _same_borders(gold: Span, predicted: Span) -> bool:
    return (gold.start, gold.end) == (predicted.start, predicted.end)


def _same_label(gold: Span, predicted: Span) -> bool:
    return gold.label == predicted.label


RIGHT: Mapping[Degree, Right] = {
    Degree.STRICT: Span.__eq__,
    Degree.EXACT: _same_borders,
    Degree.PARTIAL: _same_borders,
    Degree.TYPE: _same_label,
}


def _count(counts: Counter[str], gold: Sequence[Span], predicted: Sequence[Span]) -> None:
    """Add up the spans of either side, and in each degree the pairs and which of them are right."""
    counts["gold"] += len(gold)
    counts["predicted"] += len(predicted)
    gold, predicted = sorted(gold), sorted(predicted)
    near = [(i, j, gold[i], predicted[j]) for i, j in touching(gold, predicted)]
    # What is half right in partial is what is wrong in exact.
    for degree in (Degree.STRICT, Degree.EXACT, Degree.TYPE) if near else ():
        correct, pairs = _pair(near, RIGHT[degree])
        counts[f"{degree} correct"] += correct
        counts[f"{degree} pairs"] += pairs


def _tallies(counts: Counter[str]) -> Tallies:
    return {degree: _tally(counts, degree) for degree in Degree}


def _tally(counts: Counter[str], degree: Degree) -> Tally:
    half = degree is Degree.PARTIAL
    paired = Degree.EXACT if half else degree
    correct, pairs = counts[f"{paired} correct"], counts[f"{paired} pairs"]
    return Tally(
        correct=correct,
        incorrect=0 if half else pairs - correct,
        partial=pairs - correct if half else 0,
        missed=counts["gold"] - pairs,
        spurious=counts["predicted"] - pairs,
    )


def _pair(near: Sequence[tuple[int, int, Span, Span]], right: Right) -> tuple[int, int]:
    """Pair spans one to one, in reading order; return how many pairs are right, and how many are.

    Args:
        near: the place of a gold and of a predicted span among those of its side, and both
            spans: all that overlap, in the order of gold.
    """
    if len(near) == len({i for i, *_ in near}) == len({j for _, j, *_ in near}):
        # Each has one to go with, as nearly always.
        return sum(right(one, other) for *_, one, other in near), len(near)
    # Anything that is right counts for more than all pairs together.
    much = len(near) + 1
    # The best that ends with or before a predicted span: ever further, ever more.
    ends, values = [-1], [0]
    for _, row in groupby(near, key=itemgetter(0)):
        found = [
            (j, values[bisect_left(ends, j) - 1] + 1 + much * right(one, other))
            for _, j, one, other in row
        ]
        for j, value in found:
            at = bisect_left(ends, j)
            if value > values[at - 1]:
                beaten = slice(at, bisect_right(values, value, at))
                ends[beaten], values[beaten] = [j], [value]
    return divmod(values[-1], much)


def format_scores(scores: Scores) -> str:
    """Lay out the figures of all spans, a degree a line."""
    names = ("correct", "incorrect", "partial", "missed", "spurious")
    rates = ("precision", "recall", "f1")
    head = "".join(f" {name:>9}" for name in (*names, *rates[:2], "f1-score"))
    lines = [f"{'SemEval-2013':>12} {head}", ""]
    for degree, row in scores.to_dict()["all"].items():
        counts = "".join(f" {row[name]:>9}" for name in names)
        lines.append(f"{degree:>12} {counts}" + "".join(f" {row[name]:>9.3f}" for name in rates))
    return "\n".join(lines) + "\n"
