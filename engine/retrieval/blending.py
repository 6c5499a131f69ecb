"""How much the cosine by which items were found still counts in their order.

A model that reads two texts together orders best where it has learned from many pairs; from few
it orders worse than the retriever. So the score is a mean of both, and its weight is chosen on
dev: a linear interpolation, as is usual for rankings of two sources (Wang, Zhuang and Zuccon
2021, "BERT-based Dense Retrievers Require Interpolation with BM25 for Effective Passage
Retrieval").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.evaluation.ranking import measure
from storage.types import Document

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
UNKNOWN = 0.75
"""The weight where nobody can say which is best."""

Embed = Callable[[Sequence[str]], np.ndarray]


def likenesses(pairs: Sequence[Document], embed: Embed) -> np.ndarray:
    """Return the cosine of both texts of each pair: float64 of shape (pairs,).

    ``embed`` makes vectors of length 1 of texts; a text of several pairs is read once.
    """
    texts = [text for pair in pairs for text in (pair.text, pair.second_text or "")]
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    if not places:
        return np.zeros(0)
    vectors = embed(list(places))[[places[text] for text in texts]]
    return (vectors[::2] * vectors[1::2]).sum(axis=1).astype(np.float64)


def blend(
    relevance: np.ndarray, likenesses: np.ndarray, highest: float, weight: float
) -> np.ndarray:
    """Return scores from 0 to ``highest``: float64 of the shape of both.

    ``weight`` is that of the cosines, which count as 0 where they are less.
    """
    return (1 - weight) * relevance + weight * highest * np.clip(likenesses, 0, None)


def choose(
    texts: Sequence[str],
    grades: Sequence[int],
    relevance: np.ndarray,
    likenesses: np.ndarray,
    highest: float,
) -> float:
    """Return the weight with the highest mean average precision over left texts.

    Of several it is the one nearest to ``UNKNOWN``, which it is where nothing can be ordered: a
    left text tells something where it has a pair that fits, and one that does not.

    Args:
        texts: the left text of each pair.
        grades: what people say of each, 0 for what does not fit.
        relevance, likenesses: what the model and the retriever say of each, of shape (pairs,).
    """
    groups: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        groups.setdefault(text, []).append(place)
    told = [
        places
        for places in groups.values()
        if 0 < sum(grades[place] > 0 for place in places) < len(places)
    ]

    def worth(weight: float) -> float:
        scores = blend(relevance, likenesses, highest, weight)
        found = [
            measure([grades[at] for at in sorted(places, key=lambda at: -scores[at])])["map"]
            for places in told
        ]
        return float(np.mean(found)) if found else 0.0

    # Rounded: what differs by less than that differs by chance of the last bit.
    return max(WEIGHTS, key=lambda weight: (round(worth(weight), 6), -abs(weight - UNKNOWN)))
