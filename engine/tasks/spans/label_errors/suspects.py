"""Which labels are suspicious: entities against models that never saw them, and the corpus.

For every entity, and for every place that might be one, the alternatives are weighed: another
label, none, other borders. There are two kinds of evidence: out-of-sample tag probabilities, as
for cleanlab (Northcutt, Jiang and Chuang 2021, "Confident Learning"; Wang and Mueller 2022,
"Detecting Label Errors in Token Classification Data"), and how the same string is labelled
elsewhere. How far each is to be believed is learned from the labels themselves, most of which are
right: where models overlook most entities of a label, it says little that they overlook one more.
NumPy only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.evaluation import conditional_logit
from engine.evaluation.conditional_logit import Choices
from engine.evaluation.suspects import Suspect, marks, say, say_corpus, say_model
from engine.tasks.spans.label_errors.evidence import Prior, Range, Reading, decoded, pooled
from engine.tasks.spans.label_errors.strings import UNLABELLED, Strings, outside
from engine.tasks.spans.tagging.alignment import lift, place
from storage.types import Document, Span

USUAL = np.array([0.2, 0.8, 0.5, 0.6, -1.0, 0.5, -2.0])
"""The weights of the evidence: entity and label by the model, entity and label by the corpus, how
rarely people label what is nothing; borders by the model, how rarely people miss a border. They
are about what three corpora teach: a few labels move them little, many do."""
FIRMNESS = np.array([1, 1, 1, 1, 1, 1e9, 1e9])
"""How firmly each weight stays as it is. Those of borders are held: learned from borders that all
count as right, they would say that no border is ever wrong."""
SUREST = 5.0
"""In nats. Models of a few epochs are sure of borders far beyond what they know."""
LIKELIEST = 3
"""Each kind of evidence brings so many labels into question: of 150 most are no matter."""


class Answer(NamedTuple):
    """What a place might be: a range with the number of a label, or with none."""

    range: Range
    label: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """One place and the answers to it; the first is what people gave."""

    document: int
    given: Span | None
    answers: list[Answer]
    evidence: np.ndarray
    """float64 of shape (answers, columns)."""


def rank(
    documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
) -> list[Suspect]:
    """Rank every entity, and every place that may lack one, the most suspicious first.

    Args:
        documents: labelled ones, with their tokens.
        scores: for each document float32 log-probabilities of shape (models, tokens, tags), from
            models that did not learn from it.
        labels: those of the tags, in their order. Spans with another label are passed over.

    Returns:
        One suspect a place; it names its document by id, or by position where there is none.
    """
    return Weighing(documents, scores, labels).suspects()


class Weighing:
    """The labels of a corpus, and the evidence for each."""

    def __init__(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> None:
        self._names = labels
        self._number = {name: number for number, name in enumerate(labels)}
        self._scores, means = scores, [pooled(each) for each in scores]
        self._readings = [Reading(each) for each in means]
        self._decoded = decoded(means)
        self._see(documents)
        self._prior = Prior(self._strings.totals)
        self._weights: np.ndarray | None = None

    def _see(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self._placements = [place(document, document.spans) for document in documents]
        self._strings = Strings(documents, self._placements, self._names)

    def after(self, documents: Sequence[Document]) -> Weighing:
        """Return how the labels of the same documents weigh that have others by now.

        What the evidence is worth, and how frequent each label is, stays as it was.
        """
        other = copy(self)
        other._see(documents)
        return other

    def moved(self, other: Weighing) -> list[int]:
        """Return the positions of the documents whose cases another labelling may weigh otherwise.

        They are those with other marks, and those with a string that is labelled more or less
        often elsewhere.
        """
        strings = self._strings.differing(other._strings)
        pairs = zip(self._documents, other._documents, strict=True)
        marked = (number for number, (d, e) in enumerate(pairs) if marks(d) != marks(e))
        return sorted({*marked, *self._strings.holding(strings)})

    def suspects(self, numbers: Iterable[int] | None = None) -> list[Suspect]:
        """Weigh the cases of all documents, or of some by position, the most suspicious first.

        Each comes with the best other answer. What evidence is worth is learned from the first
        documents that are weighed.
        """
        if numbers is None:
            numbers = range(len(self._documents))
        cases = [case for number in numbers for case in self._cases(number)]
        if not cases:
            return []
        starts = np.cumsum([0, *(len(case.answers) for case in cases)])
        chosen = np.zeros(starts[-1], dtype=bool)
        chosen[starts[:-1]] = True
        choices = Choices(np.concatenate([case.evidence for case in cases]), starts[:-1], chosen)
        if self._weights is None:
            self._weights = conditional_logit.fit(choices, USUAL, FIRMNESS)
        chances = conditional_logit.log_chances(choices, self._weights)
        found = []
        for case, first, last in zip(cases, starts, starts[1:], strict=False):
            best = 1 + int(chances[first + 1 : last].argmax())
            found.append((float(chances[first + best] - chances[first]), case, best))
        found.sort(key=lambda each: (-each[0], each[1].document, each[1].answers[0].range))
        return [self._tell(*each) for each in found]

    def _cases(self, number: int) -> Iterator[Case]:
        placement = self._placements[number]
        free = outside(placement, len(self._documents[number].tokens))
        for item in placement.placed:
            if (label := self._number.get(item.span.label)) is not None:
                here = Range(item.first, item.last)
                ranges = _others(here, free, self._decoded[number])
                yield self._case(number, item.span, here, label, ranges)
        for here in (*self._decoded[number], *self._strings.bare(number)):
            if free[here.first : here.last].all():
                yield self._case(number, None, here, None, ())
                free[here.first : here.last] = False

    def _case(
        self,
        number: int,
        given: Span | None,
        here: Range,
        label: int | None,
        others: Sequence[Range],
    ) -> Case:
        counts = self._strings.elsewhere(number, *here, _column(label))
        likely = _likely(self._readings[number].labels(here), counts)
        answers = [Answer(here, label), *(Answer(here, each) for each in likely if each != label)]
        answers += [Answer(here, None)] if given else []
        answers += [Answer(each, label) for each in others]
        around = Range(min(r.first for r, _ in answers), max(r.last for r, _ in answers))
        rows = [self._weigh(number, answer, here, around, counts) for answer in answers]
        return Case(number, given, answers, np.array(rows))

    def _weigh(
        self, number: int, answer: Answer, here: Range, around: Range, counts: np.ndarray
    ) -> list[float]:
        """Return a row of evidence; its columns are those of ``USUAL``."""
        at, label = answer
        if label is None:
            return [0, 0, 0, 0, 1, 0, 0]
        reading = self._readings[number]
        if at != here:
            counts = self._strings.elsewhere(number, *at)
        borders = reading.borders(at, around) - reading.borders(here, around)
        return [
            reading.entity(at),
            reading.labels(at)[label],
            self._prior.entity(counts),
            self._prior.labels(counts)[label],
            0,
            max(-SUREST, min(borders, SUREST)),
            at != here,
        ]

    def _tell(self, odds: float, case: Case, best: int) -> Suspect:
        document, (at, label) = self._documents[case.document], case.answers[best]
        wanted = None if label is None else lift(document.tokens, *at, self._names[label])
        return Suspect(
            case.document if document.id is None else document.id,
            case.given,
            wanted,
            float(np.exp(-np.logaddexp(0, -odds))),
            self._reason(case, case.answers[best]),
        )

    def _reason(self, case: Case, best: Answer) -> str:
        """Say what the evidence of each kind is, unless it speaks more for what was given."""
        said = case.given.label if case.given else None
        same = best.range == case.answers[0].range
        span = lift(self._documents[case.document].tokens, *best.range, "")
        quote = f"“{self._documents[case.document].text[span.start : span.end]}”"
        corpus = self._by_corpus(case, best, "the same string" if same else quote)
        reading = self._readings[case.document]
        chance, rival = (reading.chance(*answer) for answer in (best, case.answers[0]))
        if corpus and same and chance < rival:
            return say(said, corpus)
        votes, of = self._votes(case, best)
        model = say_model(self._name(best), chance, "" if same else quote, votes, of)
        return say(said, model, corpus)

    def _votes(self, case: Case, best: Answer) -> tuple[int, int]:
        """Count the models that find no other answer likelier, and all of them."""
        models = [Reading(each) for each in self._scores[case.document]]
        here = case.answers[0].range
        return sum(model.says(*best, here) for model in models), len(models)

    def _by_corpus(self, case: Case, best: Answer, what: str) -> str:
        """Say how the answer's string is labelled elsewhere; nothing where that is no support."""
        at, given = best.range, case.answers[0]
        own = _column(given.label) if at == given.range else None
        counts = self._strings.elsewhere(case.document, *at, own)
        count = int(counts[_column(best.label)])
        support = count > 0 if own is None else count > counts[own]
        return say_corpus(self._name(best), count, int(counts.sum()), what) if support else ""

    def _name(self, answer: Answer) -> str | None:
        return None if answer.label is None else self._names[answer.label]


def _column(label: int | None) -> int:
    """Return where counts of strings have a label, or none."""
    return UNLABELLED if label is None else label


def _likely(read: np.ndarray, counts: np.ndarray) -> list[int]:
    """Return the numbers of the labels that either kind of evidence finds the likeliest."""
    read_most, found_most = (
        np.argsort(-each, kind="stable")[:LIKELIEST].tolist() for each in (read, counts[:-1])
    )
    return sorted({*read_most, *(number for number in found_most if counts[number])})


def _others(here: Range, free: np.ndarray, decoded: Sequence[Range]) -> list[Range]:
    """Return the borders that the model would take; none reach into another entity."""
    return [
        each for each in decoded if each != here and each.meets(here) and _fits(each, here, free)
    ]


def _fits(at: Range, here: Range, free: np.ndarray) -> bool:
    return all(free[t] or here.first <= t < here.last for t in range(*at))
