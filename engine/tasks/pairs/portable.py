"""Pairs of texts where there is no Whetstone (see ``engine.tasks.portable``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.tasks.classification.deciding import kept
from engine.tasks.classification.portable import Whole
from engine.tasks.pairs import deciding
from storage.types import Document, Span


@dataclass(frozen=True)
class Answers(Whole):
    """Satisfies ``Portable``: one answer a pair, both texts read together."""

    threshold: float | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Answers:
        """Return it with the threshold that dev chose."""
        return cls(kept(config, "threshold"))

    def decode(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return the answer of each pair."""
        if not documents:
            return []
        chances = deciding.chances_of(scores, range(len(documents)))
        return deciding.answer(chances, labels, self.threshold)
