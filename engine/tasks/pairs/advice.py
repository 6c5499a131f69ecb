"""What the retriever of a run says of pairs besides its model, and how much that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.retrieval import blending
from engine.retrieval.blending import Embed
from storage.types import Document


@dataclass(frozen=True, slots=True)
class Advice:
    """Orders pairs by the model and by how alike the retriever finds their texts."""

    embed: Embed
    weight: float
    """How much the likeness counts, from 0 to 1 (see ``blending``)."""

    def order(self, pairs: Sequence[Document], relevance: np.ndarray, highest: float) -> np.ndarray:
        """Return the scores by which pairs are ordered: float64 of shape (pairs,)."""
        likenesses = blending.likenesses(pairs, self.embed)
        return blending.blend(relevance, likenesses, highest, self.weight)


def choose(
    pairs: Sequence[Document],
    grades: Sequence[int],
    relevance: np.ndarray,
    highest: float,
    embed: Embed,
) -> Advice:
    """Return the advice that orders these pairs best, which people have given grades."""
    texts = [pair.text for pair in pairs]
    likenesses = blending.likenesses(pairs, embed)
    return Advice(embed, blending.choose(texts, grades, relevance, likenesses, highest))
