"""Behavioural tests: a model reads changed texts, and what it no longer finds is counted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.evaluation.stress import failures, perturbations
from engine.evaluation.stress.failures import Failure, Result
from engine.evaluation.stress.perturbations import Known, Perturbation
from engine.inference.pipeline import Predictor
from storage.types import Document, Span

# A failure rate of so many texts is known to a few points; more would only take longer.
SAMPLE = 500

Note = Callable[[Sequence[Document]], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """Texts before and after one change, with the marks that the model finds as they are."""

    perturbation: Perturbation
    documents: list[Document]


def sample(documents: Sequence[Document], seed: int, most: int = SAMPLE) -> list[Document]:
    """Return at most so many of the documents that have a mark, in their order."""
    marked = [document for document in documents if document.spans]
    if len(marked) <= most:
        return marked
    return [marked[at] for at in sorted(random.Random(seed).sample(range(len(marked)), most))]


class Stress:
    """A model under test."""

    def __init__(self, predictor: Predictor, known: Known, seed: int, note: Note) -> None:
        """``note`` is told after each portion which documents were read, and may raise."""
        self._predictor, self._known, self._seed, self._note = predictor, known, seed, note
        self._task = predictor.loaded.head.task

    def trials(self, documents: Sequence[Document]) -> list[Trial]:
        """Read the documents as they are, and change them with the marks that are found."""
        right = failures.right(self._task.match(documents, self._read(documents)))
        kept = [replace(d, spans=right[d.id or 0]) for d in documents if d.id in right]
        trials = []
        for each in perturbations.of_task(self._task.marks_whole):
            changed = (each.change(document, self._known, self._seed) for document in kept)
            trials.append(Trial(each, [document for document in changed if document]))
        return trials

    def judge(self, trial: Trial) -> tuple[Result, list[Failure]]:
        """Read changed documents and count what is not found any more."""
        found = self._read(trial.documents)
        matches = self._task.match(trial.documents, found)
        return failures.judge(trial.perturbation.name, trial.documents, found, matches)

    def _read(self, documents: Sequence[Document]) -> list[tuple[Span, ...]]:
        return [document.spans for document in self._predicted(documents)]

    def _predicted(self, documents: Sequence[Document]) -> Iterator[Document]:
        for chunk in self._predictor.stream(documents, lambda: self._note(())):
            self._note(chunk)
            yield from chunk
