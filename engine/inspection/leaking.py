"""What stands in train and again in dev or test, of a project as it is: the ids of documents.

The rules are those of ``engine.corpus.leaks``, told by which texts are equal, not by reading them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.inspection.training_data import TrainingData
from storage.finding.facets import FacetIndex
from storage.finding.sets import bit_sets
from storage.finding.sets.measures import Measures
from storage.types import Split

NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Leaking:
    """Documents of dev or test that train has something of (``leaks.Leaks``): int64, ascending."""

    copies: np.ndarray
    firsts: np.ndarray
    seconds: np.ndarray


# What was found last, and of what: to look at a million documents takes 0.1 s.
_newest: list[tuple[FacetIndex, Measures, Leaking]] = []


def find(known: TrainingData) -> Leaking:
    """Return which documents that are done leak from train into dev or test."""
    for index, measures, found in _newest:
        if index is known.index and measures is known.measures:
            return found
    found = _find(known)
    _newest[:] = [(known.index, known.measures, found)]
    return found


def _find(known: TrainingData) -> Leaking:
    train = bit_sets.numbers(known.done(Split.TRAIN))
    others = bit_sets.numbers(known.done() & ~known.done(Split.TRAIN))
    if not (train.size and others.size):
        return Leaking(NONE, NONE, NONE)
    measures, pairs = known.measures, known.measures.pairs
    both = measures.texts.astype(np.int64) << 32 | measures.seconds
    paired = np.zeros(len(both), bool)
    paired[bit_sets.numbers(pairs)] = True
    # Equal to no other document: a first, or a second text of its own.
    both[(measures.texts == 0) | (paired & (measures.seconds == 0))] = 0
    copies = _again(both, train, others)
    rest = others[~copies & paired[others]]
    learned = train[paired[train]]
    firsts = _again(measures.texts, learned, rest) | _again(measures.groups, learned, rest)
    seconds = ~firsts & _again(measures.seconds, learned, rest)
    return Leaking(others[copies], rest[firsts], rest[seconds])


def _again(numbers: np.ndarray, train: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Tell for each of the others whether its number, above 0, is one of train's."""
    return (numbers[others] > 0) & np.isin(numbers[others], numbers[train])
