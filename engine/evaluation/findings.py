"""What a report says in words: the weakest label, and how it goes wrong. Standard library.

The sentence is computed from the same matches as the tables, so its numbers are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.evaluation import figures
from engine.evaluation.confusion import Confusion, Mistake
from storage.cells import MISSED, SPURIOUS
from storage.words import SPANS, Words

# A figure over fewer spans says little about a label, where others have more.
ENOUGH = 5
NAMED = 3


@dataclass(frozen=True, slots=True)
class Weakness:
    """The label that does worst: its F1, how many marks people gave it, what went wrong."""

    label: str
    f1: float
    support: int
    mistakes: Sequence[Mistake]
    """The most frequent first; a mistake of two labels is told from this one's side."""
    words: Words = SPANS
    """What the task calls its things."""

    @property
    def worst(self) -> Mistake:
        """Return the mistake whose sentences are worth reading first."""
        return self.mistakes[0]

    @property
    def sentence(self) -> str:
        """Say it: "MISC is weakest: of 21 spans, 4 were taken for ORG and 3 were missed."."""
        own = [mistake for mistake in self.mistakes if mistake.gold == self.label]
        others = [mistake for mistake in self.mistakes if mistake.gold != self.label]
        parts = [self._fate(own)] if self.support else []
        if others:
            parts.append(_join([self._intrusion(mistake) for mistake in others]))
        return f"{self.label} is weakest: {'; '.join(parts)}."

    def _fate(self, own: Sequence[Mistake]) -> str:
        """Say what became of the spans that people gave this label."""
        noun = self.words.holder
        held = f"{self.support:,} {noun}{'' if self.support == 1 else 's'}"
        if not own:
            return f"the one {noun} was found" if self.support == 1 else f"all {held} were found"
        whole = len(own) == 1 and own[0].count == self.support
        if whole:
            return (
                f"its only {noun} {_past(1, own[0])}"
                if self.support == 1
                else (f"all {held} {_past(self.support, own[0])}")
            )
        return f"of {held}, {_join([f'{m.count:,} {_past(m.count, m)}' for m in own])}"

    def _intrusion(self, mistake: Mistake) -> str:
        """Say what was given this label and has another one, or none."""
        were = "was" if mistake.count == 1 else "were"
        if mistake.gold == SPURIOUS:
            return f"{mistake.count:,} {were} {self.words.alone}"
        return f"{mistake.count:,} {mistake.gold} {were} taken for {self.label}"


def weakest(scores: Mapping[str, Any], words: Words = SPANS) -> Weakness | None:
    """Return the label with the lowest F1 of one split's scores; None where nothing went wrong.

    Labels of five marks or more come before rarer ones, those with marks before those that were
    only predicted. Of equals the one with more mistakes is meant. It is told in a task's words.
    """
    confusion = Confusion.of(scores)
    found = []
    for label, row in figures.of_labels(scores).items():
        if mistakes := confusion.mistakes(label):
            found.append(Weakness(label, row["f1"], row["support"], mistakes, words))
    return min(found, key=_rank, default=None)


def biggest(scores: Mapping[str, Any]) -> Mistake | None:
    """Return the two labels that are confused most often; None where no two are.

    What was missed, or found where nothing is labelled, is confused with nothing.
    """
    mistakes = Confusion.of(scores).mistakes()
    both = (m for m in mistakes if m.gold not in (m.predicted, SPURIOUS) and m.predicted != MISSED)
    return next(both, None)


def of_check(checked: Mapping[str, Any]) -> tuple[str, ...]:
    """Say whether seqeval agrees, where it does not, and what it cannot see."""
    unfit = checked["unfit"]
    seen = (
        f"{unfit:,} span{' does' if unfit == 1 else 's do'} not fit into tags (a border within a "
        "word, or words shared with a longer span): seqeval scores what the tags hold of them.",
    )
    return (_agreement(checked["differences"]), *(seen if unfit else ()))


def _agreement(differences: Sequence[Mapping[str, Any]]) -> str:
    if not differences:
        return "Agrees with seqeval."
    parts = [
        f"{each['figure']} of {each['label'] or 'all labels'} is {each['theirs']:.6g} there, "
        f"{each['ours']:.6g} here"
        for each in differences[:NAMED]
    ]
    others = len(differences) - len(parts)
    return f"Does not agree with seqeval: {_join(parts)}{f'; {others} more' if others else ''}."


def _rank(weakness: Weakness) -> tuple:
    rare = 2 if not weakness.support else weakness.support < ENOUGH
    return rare, weakness.f1, -sum(mistake.count for mistake in weakness.mistakes), weakness.label


def _past(count: int, mistake: Mistake) -> str:
    """Say what happened to spans in the past tense."""
    if mistake.predicted == mistake.gold:
        return "has the wrong borders" if count == 1 else "have the wrong borders"
    were = "was" if count == 1 else "were"
    return (
        f"{were} missed" if mistake.predicted == MISSED else f"{were} taken for {mistake.predicted}"
    )


def _join(parts: Sequence[str]) -> str:
    """Join with commas and "and"; of many the first are named, the others counted."""
    if len(parts) > NAMED + 1:
        parts = [*parts[:NAMED], f"{len(parts) - NAMED} rarer kinds of error"]
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
