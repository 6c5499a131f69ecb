"""The model's side of pairs: a cross-encoder, and a bi-encoder beside it. A worker module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.evaluation import ranking
from engine.evaluation.certainty import curves
from engine.evaluation.ranking import Candidates
from engine.retrieval.blending import Embed
from engine.tasks.base import Companion
from engine.tasks.classification import thresholds
from engine.tasks.classification.deciding import DECISIONS, kept
from engine.tasks.classification.head import ClassHead
from engine.tasks.pairs import advice, deciding
from engine.tasks.pairs.advice import Advice
from engine.tasks.pairs.biencoder.companion import BiEncoder
from engine.tasks.pairs.biencoder.examples import key_of
from engine.tasks.pairs.deciding import chances_of, positive
from engine.tasks.pairs.fitting import Graded
from engine.tasks.pairs.grades import grade
from engine.tasks.pairs.relevance import relevance
from storage.types import Document, Span


@dataclass(frozen=True, slots=True)
class PairHead(ClassHead):
    """Satisfies ``engine.tasks.base.Head``: one answer a pair, both texts read together."""

    averages = False
    companions: Sequence[Companion] = field(default_factory=lambda: (BiEncoder(Graded()),))
    threshold: float | None = None
    """From which probability on a pair fits, of two answers; None: where it is the likelier."""
    advice: Advice | None = None
    """What the retriever has to say of an order, while a run is reported; None: nothing."""

    @property
    def config(self) -> Mapping[str, Any]:
        """Name the kind of problem as transformers does, and keep the threshold."""
        kept = {} if self.threshold is None else {DECISIONS: {"threshold": self.threshold}}
        return {"problem_type": "single_label_classification", **kept}

    def decided(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> PairHead:
        """Return the head with the threshold that has the best mean of both answers' F1.

        By the F1 of what fits alone, a model that knows nothing would say that everything fits.
        As it was where there are more answers than two, or too few pairs with either.
        """
        column = positive(labels)
        judged = [place for place, document in enumerate(documents) if document.spans]
        if column is None or not judged:
            return replace(self, threshold=None)
        right = thresholds.given([documents[place] for place in judged], labels)[:, column]
        if min(right.sum(), (~right).sum()) < thresholds.ENOUGH:
            return replace(self, threshold=None)
        return replace(self, threshold=_best(chances_of(scores, judged)[:, column], right))

    def taught(self, config: Mapping[str, Any]) -> PairHead:
        """Return the head with the threshold that was saved."""
        return replace(self, threshold=kept(config, "threshold"))

    def decode(
        self,
        documents: Sequence[Document],
        scores: Sequence[np.ndarray],
        labels: Sequence[str],
        lean: float = 0.0,
    ) -> list[tuple[Span, ...]]:
        """Return the answer of each pair: the likeliest, or what the threshold says.

        To lean says nothing: guesses show what else it may be.
        """
        chances = chances_of(scores, range(len(documents))) if len(documents) else np.zeros((0, 0))
        return deciding.answer(chances, labels, self.threshold)

    def notes(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Mapping[str, object]:
        """Return the curves of every answer, and how well each left text's candidates are ordered.

        Only pairs that people judged count.
        """
        judged = [place for place, document in enumerate(documents) if document.spans]
        if not judged:
            return {}
        chances = chances_of(scores, judged)
        pairs = [documents[place] for place in judged]
        right = thresholds.given(pairs, labels)
        order, weight = relevance(chances, labels), {}
        if self.advice:
            order = self.advice.order(pairs, order, max(map(grade, labels), default=1))
            weight = {"likeness_weight": self.advice.weight}
        drawn = {label: curves.of(chances[:, n], right[:, n]) for n, label in enumerate(labels)}
        column = positive(labels)
        chosen = {} if column is None else {labels[column]: self.threshold or thresholds.USUAL}
        return {
            "curves": {label: each for label, each in drawn.items() if each},
            "ranking": {**ranking.summarize(questions(pairs, order)), **weight},
            "thresholds": chosen,
        }

    def advised(
        self,
        pairs: Sequence[Document],
        grades: Sequence[int],
        scores: Sequence[np.ndarray],
        labels: Sequence[str],
        embed: Embed,
    ) -> PairHead:
        """Return the head with a retriever beside it, which counts as much as pairs of dev say.

        ``grades`` are what people say of the pairs; there may be none.
        """
        known = relevance(chances_of(scores, range(len(pairs))), labels) if pairs else np.zeros(0)
        highest = max(map(grade, labels), default=1)
        return replace(self, advice=advice.choose(pairs, grades, known, highest, embed))


def _best(chances: np.ndarray, right: np.ndarray) -> float:
    """Return the threshold with the highest macro F1, half-way between two chances.

    Of equals the one nearest to 0.5. Both arrays have shape (pairs,).
    """
    order = np.argsort(-chances, kind="stable")
    falling, hits = chances[order], np.cumsum(right[order])
    taken, every, fits = np.arange(1, len(order) + 1), len(order), right.sum()
    left_right = every - fits - (taken - hits)
    both = hits / (taken + fits) + left_right / (2 * every - taken - fits).clip(1)
    following = np.append(falling[1:], 0.0)
    both = np.where(falling > following, both, -1.0)
    top = np.flatnonzero(both >= both.max() - 1e-12)
    borders = (falling[top] + following[top]) / 2
    return float(borders[np.abs(borders - thresholds.USUAL).argmin()])


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
