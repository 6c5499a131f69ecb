"""Which labels of a whole document its answers mean, with what dev decided. NumPy only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.tasks.classification import balancing, thresholds
from engine.tasks.classification.rejecting import Reject
from storage.types import Source, Span

DECISIONS = "decisions"
"""What ``config.json`` calls what was decided on dev."""


def kept(config: Mapping[str, Any], name: str) -> Any:
    """Return what dev decided under a name; None where it decided nothing."""
    return (config.get(DECISIONS) or {}).get(name)


def reject_of(config: Mapping[str, Any]) -> Reject | None:
    """Return from when on a model with this ``config.json`` rejects a text."""
    found = kept(config, "reject")
    return Reject.of_json(found) if found else None


def likeliest(
    rows: np.ndarray, labels: Sequence[str], reject: Reject | None, balance: Mapping[str, float]
) -> list[tuple[Span, ...]]:
    """Return the likeliest label of each document; what is rejected is outside of them.

    ``rows`` are log-probabilities of shape (documents, labels).
    """
    added = balancing.in_order(balance, labels)
    if reject:
        return [reject.decode(each, labels, added) for each in rows]
    best = [int((each + added).argmax()) for each in rows]
    sure = [math.exp(float(each[n])) for each, n in zip(rows, best, strict=True)]
    made = zip(best, sure, strict=True)
    return [(Span(0, 0, labels[i], "", Source.MODEL, chance),) for i, chance in made]


def several(
    rows: np.ndarray, labels: Sequence[str], chosen: Mapping[str, float]
) -> list[tuple[Span, ...]]:
    """Return the labels of each document that reach their thresholds, in their order."""
    least = thresholds.in_order(chosen, labels)
    return [
        tuple(
            Span(0, 0, labels[n], "", Source.MODEL, float(chances[n]))
            for n in np.flatnonzero(chances >= least).tolist()
        )
        for chances in np.exp(rows.astype(np.float64))
    ]


def rows_of(scores: Sequence[np.ndarray]) -> np.ndarray:
    """Return the scores of documents, of one unit each, as one array (documents, labels)."""
    return np.stack([each[0] for each in scores]) if len(scores) else np.zeros((0, 0))
