"""Suspects of entities weighed anew: of the same document, and wherever the same string stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.evaluation.renewal.renewing import by_document
from engine.evaluation.suspects import Suspect
from engine.tasks.spans.label_errors.suspects import Weighing
from storage.types import Document


class Together:
    """Weighs documents of which each may lean on the labels of all others."""

    def __init__(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> None:
        """``documents`` have the labels that they had when they were checked."""
        self._weighing = Weighing(documents, scores, labels)
        # It learns from the labels of then what evidence is worth.
        self._weighing.suspects()
        self._begun = False

    def renewed(self, documents: Sequence[Document]) -> dict[int, list[Suspect]]:
        """Return the suspects of documents with other marks, or with a string that is elsewhere."""
        before, self._weighing = self._weighing, self._weighing.after(documents)
        numbers: Sequence[int] = range(len(documents))
        if self._begun:
            numbers = before.moved(self._weighing)
        self._begun = True
        some = [documents[number] for number in numbers]
        return by_document(some, self._weighing.suspects(numbers))
