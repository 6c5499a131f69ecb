"""The model's side of pairs: a cross-encoder, and a bi-encoder beside it. A worker module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.evaluation import ranking
from engine.evaluation.certainty import curves
from engine.evaluation.ranking import Candidates
from engine.tasks.base import Companion
from engine.tasks.classification.head import ClassHead
from engine.tasks.pairs.biencoder.companion import BiEncoder
from engine.tasks.pairs.biencoder.examples import key_of
from engine.tasks.pairs.fitting import Graded
from engine.tasks.pairs.grades import grade
from engine.tasks.pairs.relevance import relevance
from storage.types import Document


@dataclass(frozen=True, slots=True)
class PairHead(ClassHead):
    """Satisfies ``engine.tasks.base.Head``: one answer a pair, both texts read together."""

    companions: Sequence[Companion] = field(default_factory=lambda: (BiEncoder(Graded()),))

    def notes(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Mapping[str, object]:
        """Return the curves of every answer, and how well each left text's candidates are ordered.

        Only pairs that people judged count.
        """
        judged = [place for place, document in enumerate(documents) if document.spans]
        found = ClassHead.notes(self, documents, scores, labels)
        if not judged:
            return found
        chances = np.exp(np.stack([scores[place][0] for place in judged]).astype(np.float64))
        pairs = [documents[place] for place in judged]
        drawn = {
            label: curves.of(chances[:, column], _given(pairs, label))
            for column, label in enumerate(labels)
        }
        return {
            **found,
            "curves": {label: each for label, each in drawn.items() if each},
            "ranking": ranking.summarize(questions(pairs, relevance(chances, labels))),
        }


def _given(documents: Sequence[Document], label: str) -> np.ndarray:
    return np.array([any(span.label == label for span in d.spans) for d in documents])


def _number(document: Document, place: int) -> int:
    return place if document.id is None else document.id


def questions(documents: Sequence[Document], scores: np.ndarray) -> list[Candidates]:
    """Return each left text with its judged pairs, in the order in which they come."""
    together: dict[str, list[int]] = {}
    for place, document in enumerate(documents):
        together.setdefault(key_of(document), []).append(place)
    return [
        Candidates(
            key,
            documents[places[0]].text,
            [_number(documents[i], i) for i in places],
            [max(grade(span.label) for span in documents[i].spans) for i in places],
            [float(scores[i]) for i in places],
        )
        for key, places in together.items()
    ]
