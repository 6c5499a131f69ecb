"""How sure a model is of a document, from the probabilities of its tokens' tags.

Uncertainty sampling asks for the documents that a model is least sure of (Lewis and Gale 1994,
"A Sequential Algorithm for Training Text Classifiers"). Token entropy, least confidence and
margin of sequences are compared by Settles and Craven (2008, "An Analysis of Active Learning
Strategies for Sequence Labeling Tasks"). Entropy is a mean, so that long documents are not
always first; the other two look at the worst token alone, the one that a person would mend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a model does not know of a document."""

    entropy: float
    """Mean entropy of the tokens' tags, in nats."""
    confidence: float
    """Least confidence: 1 less the lowest of the tokens' best probabilities."""
    margin: float
    """The smallest difference of a token's two best probabilities: small is unsure."""


def doubt(scores: np.ndarray) -> Doubt | None:
    """Measure log-probabilities of shape (tokens, tags); None where there is no token."""
    if not len(scores):
        return None
    scores = scores.astype(np.float64)
    chances = np.exp(scores)
    second, best = np.partition(chances, -2, axis=1)[:, -2:].T
    return Doubt(
        entropy=float(-(chances * scores).sum(axis=1).mean()),
        confidence=float(1 - best.min()),
        margin=float((best - second).min()),
    )
