"""A suspect: a mark that is probably wrong, or one that is probably missing, with the reason.

Here: what the suspects of all tasks have in common, and how they are told. How likely another
mark is, the task says; of marks that stand for whole documents it is the same for all tasks.
NumPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from storage.types import Document, Span

LIKELY = 0.8
"""From this score on four times as much speaks for the suggestion as for what was given."""
LITTLE = (
    "Do not rely on that: the models have learned no more than how frequent each label is. Label "
    "more, then check again."
)
NUMBERS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


@dataclass(frozen=True, slots=True)
class Suspect:
    """One place where people and the evidence differ; ``given`` or ``suggested`` is there."""

    document: int
    given: Span | None
    """What people marked; None where a mark is missing."""
    suggested: Span | None
    """The best of all other answers; None where nothing should be marked."""
    score: float
    """From 0 to 1: the share of ``suggested`` in what speaks for it and for ``given``."""
    reason: str

    @property
    def place(self) -> Span:
        """Return the mark that is there, or the one that is missing."""
        found = self.given or self.suggested
        assert found, "a suspect has a side"
        return found

    def to_json(self) -> dict[str, Any]:
        """Return what commands print: labels on both sides, None for no mark.

        The place is that of what was given; where the suggestion has other borders than it,
        they stand besides.
        """
        wanted = self.suggested
        return {
            "document": self.document,
            "start": self.place.start,
            "end": self.place.end,
            "given": self.given.label if self.given else None,
            "suggested": wanted.label if wanted else None,
            "suggested_start": wanted.start if wanted else None,
            "suggested_end": wanted.end if wanted else None,
            "score": round(self.score, 6),
            "reason": self.reason,
        }


def marks(document: Document) -> set[tuple[int, int, str]]:
    """Return what is labelled in a document, whoever made it."""
    return {(span.start, span.end, span.label) for span in document.spans}


def say(given: str | None, *against: str) -> str:
    """Say why: what people said, and what speaks against it."""
    said = f"you said {given}" if given else "nothing is labelled here"
    return f"{said}, {'; '.join(part for part in against if part)}"


def say_model(label: str | None, chance: float, what: str = "", votes: int = 1, of: int = 1) -> str:
    """Say what models that never saw a place take it, or a quote near it, for, and how sure.

    ``votes`` of so many models find no other answer likelier; ``chance`` is the mean of all.
    """
    of_what = f" for {what}" if what else ""
    said = f"{label or 'nothing'}{of_what} at {chance:.2f}"
    if of == 1:
        return f"the model that never saw it says {said}"
    if not votes:
        return f"the {_number(of)} models that never saw it give {said}"
    says = "says" if votes == 1 else "say"
    return f"{_number(votes)} of {_number(of)} models that never saw it {says} {said}"


def say_corpus(label: str | None, count: int, places: int, what: str) -> str:
    """Say in how many of its other places something is labelled so."""
    where = "other place" if places == 1 else "other places"
    return f"{what} is {label or 'unlabelled'} in {count:,} of {places:,} {where}"


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def rank_whole(
    documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
) -> list[Suspect]:
    """Rank marks that stand for whole documents, of which each has one of ``labels``.

    Args:
        scores: for each document float32 log-probabilities of shape (models, 1, labels).
    """
    number = {label: place for place, label in enumerate(labels)}
    found = []
    for position, (document, each) in enumerate(zip(documents, scores, strict=True)):
        given = next((span for span in document.spans if span.label in number), None)
        if given is None or len(labels) < 2:
            continue
        models = np.exp(each[:, 0].astype(np.float64))
        chances = models.mean(axis=0)
        own = number[given.label]
        best = max((n for n in range(len(labels)) if n != own), key=lambda n: (chances[n], -n))
        votes = int((models.argmax(axis=1) == best).sum())
        why = say_model(labels[best], float(chances[best]), "", votes, len(models))
        score = float(chances[best] / max(chances[best] + chances[own], 1e-12))
        id = position if document.id is None else document.id
        wanted = Span(given.start, given.end, labels[best])
        found.append(Suspect(id, given, wanted, score, say(given.label, why)))
    return sorted(found, key=lambda one: (-one.score, one.document))


def rank_several(
    documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
) -> list[Suspect]:
    """Rank marks that stand for whole documents, of which each may have several of ``labels``.

    A label that was given may be wrong, one that was not may be missing: each is a question of
    its own, and its score is how probable the models find the other answer.

    Args:
        scores: for each document float32 log-probabilities of shape (models, 1, labels).
    """
    found = []
    for position, (document, each) in enumerate(zip(documents, scores, strict=True)):
        models = np.exp(each[:, 0].astype(np.float64))
        chances, votes = models.mean(axis=0), (models >= 0.5).sum(axis=0)
        own = {span.label: span for span in document.spans}
        id = position if document.id is None else document.id
        for n, label in enumerate(labels):
            given = own.get(label)
            against = float(1 - chances[n] if given else chances[n])
            if against < 0.5:
                continue
            of = len(models)
            other = int(of - votes[n] if given else votes[n])
            why = say_model(f"no {label}" if given else label, against, "", other, of)
            said = say(label, why) if given else f"{label} is not among its labels; {why}"
            wanted = None if given else Span(0, 0, label)
            found.append(Suspect(id, given, wanted, against, said))
    return sorted(found, key=lambda one: (-one.score, one.document, one.place))


def informed(
    documents: Sequence[Document],
    scores: Sequence[np.ndarray],
    labels: Sequence[str],
    several: bool,
) -> bool:
    """Tell whether models know more of marks of whole documents than how frequent each is.

    Who gives every document the most frequent label suspects all others, and knows nothing of
    any. So the mean of the labels' recalls must be better than by chance, by two standard errors
    of what chance gives; where documents have several labels, of having each and of not having it.
    """
    chances = np.array([np.exp(each[:, 0].astype(np.float64)).mean(axis=0) for each in scores])
    names = [{span.label for span in document.spans} for document in documents]
    given = np.array([[label in own for label in labels] for own in names], dtype=bool)
    if several:
        said = chances >= 0.5
        groups = [
            (there, said[:, n] == state)
            for n in range(len(labels))
            for state, there in ((True, given[:, n]), (False, ~given[:, n]))
        ]
    else:
        best = chances.argmax(axis=1)
        groups = [(given[:, n], best == n) for n in range(len(labels))]
    recalls = [(float(hit[there].mean()), int(there.sum())) for there, hit in groups if there.any()]
    if len(recalls) < 2:
        return True
    chance = 0.5 if several else 1 / len(recalls)
    error = sum(chance * (1 - chance) / number for _, number in recalls) ** 0.5 / len(recalls)
    return sum(recall for recall, _ in recalls) / len(recalls) > chance + 2 * error
