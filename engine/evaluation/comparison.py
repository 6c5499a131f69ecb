"""Run against run: what two models make of the same documents, against the same gold marks.

Standard library and NumPy. Which marks are held against which is the task's to say; here
its matches are counted, so that the same words hold for spans, classes and pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.evaluation.bootstrap import RESAMPLES, Interval, resample
from engine.evaluation.rates import f1_of_rates
from storage.outcomes import Outcome
from storage.types import ErrorKind, Match, Span

ALL = "micro"
# As many labels a sentence names.
NAMED = 6


class Verdict(StrEnum):
    """What may be said of a difference: only an interval without zero says anything."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "no clear difference"

    @classmethod
    def of(cls, interval: Interval) -> Verdict:
        """Return what an interval of differences allows to say of the second run."""
        if interval.low > 0:
            return cls.BETTER
        return cls.WORSE if interval.high < 0 else cls.UNCLEAR


@dataclass(frozen=True, slots=True)
class Difference:
    """The F1 of one label, or of all, in both runs; ``support`` counts gold marks."""

    a: float
    b: float
    interval: Interval
    support: int

    @property
    def value(self) -> float:
        return self.b - self.a

    @property
    def verdict(self) -> Verdict:
        return Verdict.of(self.interval)

    def sentence(self, a: str, b: str, figure: str = "F1") -> str:
        """Say which of two runs, by their names, is better, with the ``figure`` and its values."""
        low, high = signed(self.interval.low), signed(self.interval.high)
        figures = f"{figure} {self.a:.3f} → {self.b:.3f}, {signed(self.value)} [{low}, {high}]"
        if self.verdict is Verdict.UNCLEAR:
            return f"There is no clear difference between {a} and {b}: {figures}."
        return f"{b} is {self.verdict} than {a}: {figures}."


@dataclass(frozen=True, slots=True)
class Change:
    """A gold mark, what either run has in its place, and what became of it."""

    document: int
    gold: Span
    a: Span | None
    b: Span | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the same documents: figures, and what became of every gold mark."""

    labels: Mapping[str, Difference]
    micro: Difference
    changes: Sequence[Change]

    @property
    def changed(self) -> list[Change]:
        """Return the gold marks that are not right in both, in the documents' order."""
        return [change for change in self.changes if change.outcome is not Outcome.RIGHT]

    def those(self, outcome: Outcome) -> list[Change]:
        """Return the gold marks with one outcome, in the documents' order."""
        return [change for change in self.changes if change.outcome is outcome]

    def count(self, outcome: Outcome) -> int:
        """Return how many gold marks have one outcome.

        Those fixed less those broken is the change in marks that are right.
        """
        return len(self.those(outcome))

    @property
    def sentences(self) -> list[str]:
        """Say which labels are better, and which are worse; nothing where none is clear."""
        by_size = sorted(self.labels, key=lambda name: (-abs(self.labels[name].value), name))
        named = {
            verdict: [name for name in by_size if self.labels[name].verdict is verdict]
            for verdict in Verdict
        }
        said = [
            f"{verdict.capitalize()}: {_some(named[verdict])}."
            for verdict in (Verdict.BETTER, Verdict.WORSE)
            if named[verdict]
        ]
        left = len(named[Verdict.UNCLEAR])
        if left and said:
            said.append(f"No clear difference: {left:,} other{'' if left == 1 else 's'}.")
        return said


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def signed(value: float) -> str:
    """Return a difference of figures with its sign, and with a minus as wide as the plus.

    What only looks like zero has as many digits as it takes to see that it is none.
    """
    digits = 3
    while value and digits < 6 and float(f"{value:.{digits}f}") == 0:
        digits += 1
    return f"{value:+.{digits}f}".replace("-", "−")


def compare(
    documents: int, a: Sequence[Match], b: Sequence[Match], resamples: int = RESAMPLES
) -> Comparison:
    """Compare the matches of two runs with the same gold marks in ``documents`` documents."""
    labels = sorted({side.label for m in (*a, *b) for side in (m.gold, m.predicted) if side})
    # In one order, so that both ways round are compared on the same resamples.
    found = sorted({match.document for match in (*a, *b)})
    places = {document: at for at, document in enumerate(found)}
    first, second = (count(matches, places, labels) for matches in (a, b))
    # Both runs in one array, so that both are summed over the same resamples.
    both = np.stack([first, second], axis=1)
    drawn = (
        _f1(resample(both, resamples, documents=documents)) if len(both) else np.zeros((1, 2, 1))
    )
    whole = _f1(both.sum(axis=0))
    support = first[..., 2].sum(axis=0)
    figures = {
        label: Difference(
            float(whole[0, at]),
            float(whole[1, at]),
            Interval.of(drawn[:, 1, at] - drawn[:, 0, at]),
            int(support[at]),
        )
        for at, label in enumerate([*labels, ALL])
    }
    everything = figures.pop(ALL)
    return Comparison(figures, everything, _changes(a, b))


def count(matches: Sequence[Match], places: Mapping[int, int], labels: Sequence[str]) -> np.ndarray:
    """Count right, predicted and gold marks: int32 of shape (documents, labels + 1, 3).

    The last row of a document counts all labels.
    """
    columns = {label: at for at, label in enumerate(labels)}
    counts = np.zeros((len(places), len(labels) + 1, 3), dtype=np.int32)
    for match in matches:
        at = places[match.document]
        if match.predicted:
            counts[at, columns[match.predicted.label], 1] += 1
        if match.gold:
            counts[at, columns[match.gold.label], 2] += 1
            counts[at, columns[match.gold.label], 0] += match.kind is ErrorKind.EXACT
    counts[:, -1] = counts[:, :-1].sum(axis=1)
    return counts


def _f1(counts: np.ndarray) -> np.ndarray:
    """Return F1 from counts of right, predicted and gold marks on the last axis."""
    return f1_of_rates(*np.moveaxis(counts.astype(np.float64), -1, 0))


def _changes(a: Sequence[Match], b: Sequence[Match]) -> list[Change]:
    order = {document: at for at, document in enumerate(dict.fromkeys(m.document for m in b))}
    before, after = (
        sorted(
            (match for match in matches if match.gold),
            key=lambda match: (order[match.document], match.gold, _right(match)),
        )
        for matches in (a, b)
    )
    return [_change(one, other) for one, other in zip(before, after, strict=True)]


def _change(one: Match, other: Match) -> Change:
    assert one.gold and (one.document, one.gold) == (other.document, other.gold)
    outcome = {
        (True, True): Outcome.RIGHT,
        (False, True): Outcome.FIXED,
        (True, False): Outcome.BROKEN,
        (False, False): Outcome.WRONG,
    }[_right(one), _right(other)]
    return Change(one.document, one.gold, one.predicted, other.predicted, outcome)


def _right(match: Match) -> bool:
    return match.kind is ErrorKind.EXACT


def tally(changes: Iterable[Change]) -> Counter[str]:
    """Count changes by the label of their gold mark."""
    return Counter(change.gold.label for change in changes)
