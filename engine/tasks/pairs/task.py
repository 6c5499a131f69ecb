"""Pairs of texts as a task: an answer says whether, or how well, the second fits the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.evaluation.slices.train import size
from engine.tasks.classification.task import Classification
from engine.tasks.pairs.biencoder.examples import key_of
from engine.tasks.pairs.fitting import Graded
from storage.facts import Facts
from storage.types import Document, Match, Span, Task
from storage.words import PAIRS as WORDS

if TYPE_CHECKING:
    from engine.tasks.base import Head

RANKED = "Over the judged candidates of each left text, as trec_eval counts."


@dataclass
class Pairs(Classification):
    """Satisfies ``engine.tasks.base.Task`` for pairs of texts."""

    def facts(
        self, documents: Sequence[Document], matches: Sequence[Match], train: Iterable[Document]
    ) -> list[Facts]:
        """Return the kind of error of each match, the length of both texts, and what train has.

        A pair is seen in training where its left text is, beside whatever.
        """
        known = {key_of(document) for document in train}
        told = {d.id: (size(d), key_of(d) in known) for d in documents}
        found = super().facts(documents, matches, ())
        return [
            replace(each, document_length=length, seen=seen)
            for each, (length, seen) in zip(
                found, (told[match.document] for match in matches), strict=True
            )
        ]

    def score(
        self,
        documents: Sequence[Document],
        predicted: Sequence[Sequence[Span]],
        matches: Sequence[Match],
        notes: Mapping[str, object],
    ) -> dict[str, Any]:
        """Return what scores of labels hold, and beside its headline how candidates are ordered."""
        found = super().score(documents, predicted, matches, notes)
        ranked = found.get("ranking") or {}
        beside = [
            {
                **{"name": name, "title": title, "value": ranked[name], "about": RANKED},
                "over": [ranked["queries"], "left texts"],
            }
            for name, title in (("mrr", "MRR"), ("ndcg@10", "nDCG@10"))
            if ranked.get(name) is not None
        ]
        headline = found["headline"]
        return {**found, "headline": {**headline, "beside": [*headline["beside"], *beside]}}

    def head(self) -> Head:
        """Load the cross-encoder's head, which has a bi-encoder for a companion."""
        from engine.tasks.pairs.head import PairHead

        return PairHead(self)


PAIRS = Pairs(
    Task.PAIRS.value,
    False,
    ("text", "second_text", "label"),
    "No training pair has an answer: give a few of them one on the Tag page.",
    "Pairs: does the second text fit the first?",
    fitting=Graded(),
    portable="engine.tasks.pairs.portable:Answers",
    words=WORDS,
    ignores=("word_shapes",),
)
