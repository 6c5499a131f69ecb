"""How sure each F1 of a report is: a bootstrap interval by document (see ``bootstrap``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.evaluation.bootstrap import RESAMPLES, Interval, resample
from engine.evaluation.certainty.judged import Judged
from engine.evaluation.rates import f1_of_rates

# Below this many gold marks the interval itself says little: the few that there are cannot show
# what others would be like. A figure moves by several points with a single mark.
FEW = 20
# An interval as wide as this holds both a good and a bad model.
WIDE = 0.2


@dataclass(frozen=True, slots=True)
class Intervals:
    """The interval of the micro-averaged F1, and that of each label's."""

    micro: Interval
    labels: Mapping[str, Interval]

    def to_json(self) -> dict[str, Any]:
        """Return what a report holds under "intervals": both ends of each."""
        labels = {name: [each.low, each.high] for name, each in self.labels.items()}
        return {"micro": [self.micro.low, self.micro.high], "labels": labels}

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Intervals:
        """Return what ``to_json`` was made of."""
        labels = {name: Interval(*ends) for name, ends in found["labels"].items()}
        return cls(Interval(*found["micro"]), labels)


def of(judged: Judged, documents: int, resamples: int = RESAMPLES) -> Intervals:
    """Compute the intervals of a split with so many documents.

    Each label is drawn for by itself, so that hundreds of them take no longer than their marks.
    """
    labels = {
        name: _interval(judged.counts(at), documents, resamples)
        for at, name in enumerate(judged.labels)
    }
    return Intervals(_interval(judged.counts(), documents, resamples), labels)


def unsure(support: int, interval: Interval | None) -> bool:
    """Tell whether a figure over so many gold marks says little."""
    return support < FEW or (interval is not None and interval.high - interval.low >= WIDE)


def _interval(counts: np.ndarray, documents: int, resamples: int) -> Interval:
    if not len(counts):
        return Interval(0.0, 0.0)
    drawn = resample(counts, resamples, documents=max(documents, len(counts)))
    return Interval.of(f1_of_rates(*np.moveaxis(drawn, -1, 0)))
