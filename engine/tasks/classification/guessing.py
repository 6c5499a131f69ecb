"""What a model would say next of a document: the order of a palette, and answers for one key."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from storage.types import Source, Span

FEW = 3
"""So many guesses there always are, where there are as many labels: a key each."""
MOST = 10
"""So many of hundreds of labels are put into the order of their chances."""
LEAST = 0.002
"""What is less probable than this is worth no place beyond the first few."""


def beside(given: Sequence[Span], scores: np.ndarray, labels: Sequence[str]) -> tuple[Span, ...]:
    """Return the likeliest labels that were not given, each with its probability.

    ``scores`` are log-probabilities of shape (labels,). At most ``MOST``; at least ``FEW``.
    """
    known = {span.label for span in given}
    order = [n for n in np.argsort(-scores, kind="stable").tolist() if labels[n] not in known]
    chances = [(labels[n], math.exp(float(scores[n]))) for n in order[:MOST]]
    return tuple(
        Span(0, 0, label, "", Source.MODEL, chance)
        for place, (label, chance) in enumerate(chances)
        if place < FEW or chance >= LEAST
    )
