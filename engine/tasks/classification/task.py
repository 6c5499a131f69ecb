"""What all tasks on labels of whole documents say of themselves. Light to import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from engine.evaluation.confusion import confuse
from engine.evaluation.inconsistencies import of_whole_texts
from engine.evaluation.suspects import informed, rank_several, rank_whole
from engine.tasks.base import Task
from engine.tasks.classification import matching, printing, rejecting, scoring
from engine.tasks.learnable import LearnableLabels
from storage.facts import Facts
from storage.tasks import EDITS_OF_WHOLE
from storage.types import Document, Match, Span, Split
from storage.words import CLASSES, Words

if TYPE_CHECKING:
    import numpy as np

    from engine.encoding.packed import Cut
    from engine.evaluation.inconsistencies import Inconsistency
    from engine.evaluation.suspects import Suspect
    from engine.tasks.base import Fitting, Head, Unlearned

UNEVEN = 10
"""From how many times as many documents on a label's are worth a word."""
ERROR_KINDS = {
    "type": "The model gave another label than people.",
    "missed": "People gave this label, the model did not.",
    "spurious": "The model gave this label, people did not.",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """Satisfies ``engine.tasks.base.DataCheck``: every document can be read whole."""

    counts: Mapping[str, int]
    """How many documents have which label."""
    documents: int
    without: int
    """So many have no label, and teach nothing for that."""
    noun: str

    @property
    def sentences(self) -> list[str]:
        """Say which documents teach nothing, and that labels are very uneven."""
        said = []
        if self.without:
            said.append(f"{self._number(self.without)} without a label: not learned from.")
        if not self.counts:
            return said
        least, most = (pick(self.counts, key=lambda n: (self.counts[n], n)) for pick in (min, max))
        if self.counts[most] >= UNEVEN * self.counts[least]:
            said.append(
                f"The labels are uneven: {most} has {self._number(self.counts[most])}, {least} "
                f"{self.counts[least]:,}. Dev decides how far an answer leans to rare ones; the "
                "setting class weights lets them weigh more in training, too."
            )
        return said

    def _number(self, count: int) -> str:
        return f"{count:,} {self.noun}{'' if count == 1 else 's'}"

    def to_json(self) -> dict[str, Any]:
        """Return how many documents there are, and how many of them have no label."""
        return {"documents": self.documents, "without_label": self.without}


@dataclass
class Classification:
    """Satisfies ``engine.tasks.base.Task`` for labels of whole documents."""

    name: str
    several: bool
    """A document may have several labels."""
    columns: Sequence[str]
    nothing_to_learn: str
    title: str
    with_several: str = ""
    marks_whole: bool = True
    edits: Collection[str] = EDITS_OF_WHOLE
    tagger: str = "whole"
    listing: str = "labels"
    fitting: Fitting | None = None
    pipeline_tag: str = "text-classification"
    portable: str = "engine.tasks.classification.portable:One"
    words: Words = CLASSES
    error_kinds: Mapping[str, str] = field(default_factory=lambda: ERROR_KINDS)
    borders: Mapping[str, str] = field(default_factory=dict)
    levels: Sequence[str] = printing.LEVELS
    shown: Sequence[str] = (scoring.MACRO, scoring.ACCURACY)
    """The figures that a run is known by, the first before the others."""
    ignores: Collection[str] = ("retriever_epochs", "word_shapes")

    def learnable(self, documents: Iterable[Document], labels: Sequence[str]) -> LearnableLabels:
        """Tell which labels documents of train have."""
        taught: set[str] = set()
        asked: Counter[str] = Counter()
        for document in documents:
            found = [span.label for span in document.spans]
            if document.split in (None, Split.TRAIN):
                taught.update(found)
            else:
                asked.update(found)
        missed = {label: count for label, count in sorted(asked.items()) if label not in taught}
        return LearnableLabels(
            tuple(label for label in labels if label in taught),
            tuple(label for label in labels if label not in taught and label not in missed),
            missed,
        )

    def check(self, documents: Iterable[Document], cut: Cut | None = None) -> Checked:
        """Tell how many documents have which label, and how many have none and teach nothing."""
        counts: Counter[str] = Counter()
        read = without = 0
        for document in documents:
            read += 1
            without += not (self.several or document.spans)
            counts.update(span.label for span in document.spans)
        return Checked(counts, read, without, self.words.document)

    def unlearned(self, documents: Sequence[Document]) -> list[Unlearned]:
        """Return nothing: a model learns every label as it is."""
        return []

    def match(
        self, documents: Sequence[Document], predicted: Iterable[Sequence[Span]]
    ) -> list[Match]:
        """Match labels: the same ones first."""
        return matching.match_documents(documents, predicted)

    def facts(
        self, documents: Sequence[Document], matches: Sequence[Match], train: Iterable[Document]
    ) -> list[Facts]:
        """Return the kind of error of each match, and the length of its document."""
        return matching.facts(documents, matches)

    def recount(self, confusion: Mapping[str, Any]) -> dict[str, Any]:
        """Return all figures of a confusion table.

        Where each document has one label, each match is a document; else nothing is known of
        documents as a whole.
        """
        total = sum(map(sum, confusion["counts"]))
        accuracy = None if self.several else sum(confusion["exact"]) / max(total, 1)
        return scoring.of_confusion(confusion, self.shown, self.words, accuracy, total)

    def score(
        self,
        documents: Sequence[Document],
        predicted: Sequence[Sequence[Span]],
        matches: Sequence[Match],
        notes: Mapping[str, object],
    ) -> dict[str, Any]:
        """Return the tables of labels, the confusion, and which labels go together."""
        found = scoring.score(documents, predicted, matches, self.shown, self.words)
        if self.several:
            labels = found["confusion"]["labels"]
            found["cooccurrence"] = scoring.together(documents, labels)
        elif outside := rejecting.count(documents, predicted):
            # How far documents are from all classes only their scores tell.
            far = cast(Mapping[str, Any], notes.get(rejecting.NAME, {}))
            notes = {**notes, rejecting.NAME: {**outside, **far}}
        return {**found, **notes, "documents": len(documents)}

    def printed(self, scores: Mapping[str, Any]) -> dict[str, Any]:
        """Return the level of classes, that of upper labels, and what else the scores hold."""
        return printing.printed(scores)

    compare, renewing = Task.compare, Task.renewing

    def figures(
        self,
        documents: Sequence[Document],
        predicted: Sequence[Sequence[Span]],
        matches: Sequence[Match],
    ) -> dict[str, float]:
        """Return the headline as "f1", by which the best epoch is chosen, and what is beside it."""
        right = scoring.share_right(documents, predicted)
        every = len(documents)
        scores = scoring.of_confusion(confuse(matches), self.shown, self.words, right, every)
        found = scores["headline"]
        beside = {each["name"]: each["value"] for each in found["beside"] if "unit" not in each}
        return {**beside, found["name"]: found["value"], "f1": found["value"], "accuracy": right}

    def suspects(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[Suspect]:
        """Rank labels that models which never saw the document doubt."""
        rank = rank_several if self.several else rank_whole
        return rank(documents, scores, labels)

    def informed(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> bool:
        """Tell whether the models do better than who says the most frequent label."""
        return informed(documents, scores, labels, self.several)

    def inconsistencies(self, documents: Sequence[Document]) -> list[Inconsistency]:
        """Find equal texts with different labels."""
        return of_whole_texts(documents)

    def head(self) -> Head:
        """Load the head that gives a document a class."""
        from engine.tasks.classification.head import ClassHead, SeveralHead

        return SeveralHead(self) if self.several else ClassHead(self)
