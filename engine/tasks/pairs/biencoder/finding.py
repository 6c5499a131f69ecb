"""How well a bi-encoder finds: the second texts that fit, among all that there are."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.encoding.tokens import tokenize
from engine.evaluation.ranking import MEASURES, measure
from engine.tasks.base import Fitting
from engine.tasks.pairs.biencoder.examples import key_of
from storage.types import Document

# Left texts that are asked, and second texts that are found among, at most; the rest would say
# the same after every epoch, and take longer.
QUESTIONS, CATALOGUE = 1_000, 10_000
SCALE = 20.0

Embed = Callable[[Sequence[str]], np.ndarray]


class Finder:
    """The left texts of a split that have an answer, and the second texts it is to be found in."""

    def __init__(
        self, documents: Sequence[Document], catalogue: Sequence[str], seed: int, fitting: Fitting
    ) -> None:
        known: dict[str, dict[str, int]] = {}
        firsts: dict[str, str] = {}
        for document in documents:
            worth = max((fitting.grade(span.label) for span in document.spans), default=0)
            if worth:
                key = key_of(document)
                known.setdefault(key, {})[document.second_text or ""] = worth
                firsts.setdefault(document.text, key)
        asked = sorted(random.Random(seed).sample(range(len(firsts)), min(len(firsts), QUESTIONS)))
        every = list(firsts.items())
        self.questions = [every[place][0] for place in asked]
        self._fitting: list[Mapping[str, int]] = [known[every[place][1]] for place in asked]
        self.catalogue = self._choose(catalogue, seed)

    def _choose(self, catalogue: Sequence[str], seed: int) -> list[str]:
        """Return all that fits, and as much else as there is room for, in its order."""
        wanted = {text for fits in self._fitting for text in fits}
        others = [text for text in catalogue if text not in wanted]
        room = max(0, CATALOGUE - len(wanted))
        some = set(random.Random(seed).sample(others, min(len(others), room)))
        return [text for text in catalogue if text in wanted or text in some]

    def figures(self, embed: Embed) -> dict[str, Any] | None:
        """Return mean measures over the questions (see ``ranking``) and a loss; None without any.

        "f1" is MRR, by which the best epoch is chosen. What nobody judged counts as wrong.
        """
        if not self.questions:
            return None
        found = embed(self.questions) @ embed(self.catalogue).T
        rows = [self._judge(*each) for each in zip(found, self._fitting, strict=True)]
        means = {name: math.fsum(row[name] for row in rows) / len(rows) for name in rows[0]}
        sizes = {"queries": len(self.questions), "texts": len(self.catalogue)}
        return {"f1": means["mrr"], **means, **sizes}

    def candidates(
        self, embed: Embed, questions: int, each: int
    ) -> tuple[list[Document], list[int]]:
        """Return the texts that are nearest to each of some questions, as pairs with their grades.

        The first ``questions`` are asked. As in ``figures``, what nobody judged counts as wrong.
        """
        asked = self.questions[:questions]
        if not asked:
            return [], []
        found = embed(asked) @ embed(self.catalogue).T
        pairs, grades = [], []
        for text, likeness, fits in zip(asked, found, self._fitting, strict=False):
            for place in np.argsort(-likeness, kind="stable")[:each]:
                second = self.catalogue[place]
                pairs.append(Document(text, tokenize(text), second_text=second))
                grades.append(fits.get(second, 0))
        return pairs, grades

    def _judge(self, likeness: np.ndarray, fits: Mapping[str, int]) -> dict[str, float]:
        order = np.argsort(-likeness, kind="stable")
        grades = [fits.get(self.catalogue[place], 0) for place in order]
        logits = SCALE * likeness.astype(np.float64)
        likeliest = max(logits[place] for place, text in enumerate(self.catalogue) if text in fits)
        loss = float(np.logaddexp.reduce(logits) - likeliest)
        measured = measure(grades)
        return {**{name: measured[name] for name in MEASURES}, "loss": loss}
