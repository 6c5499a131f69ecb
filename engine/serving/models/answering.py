"""A model and, if it has one, its catalogue, ready to answer. A worker module: torch lives here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.configuration import bases
from engine.encoding.tokens import tokenize
from engine.inference import matcher, pipeline, precision
from engine.inference.dated import Familiar
from engine.inference.matcher import Asked, Matcher
from engine.inference.pipeline import Predictor
from engine.serving.asking.questions import Answer, Question
from storage.types import Document, Span

WHOLE = (Span(0, 0, ""),)
# Lengths and numbers of texts for which kernels are made before anybody asks.
WORDS, TEXTS = (1, 12, 40), (1, 4, 16)


@dataclass(slots=True)
class Answerer:
    """Answers questions; several threads may ask at once."""

    predictor: Predictor
    folder: Path
    told: str
    """In what numbers it computes, in one sentence; empty where nobody asked for others."""
    matcher: Matcher | None = None
    _familiar: Familiar | None = None

    @property
    def rounded(self) -> bool:
        """Whether it computes in int8."""
        return self.told.startswith("In int8")

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return the answers in their order; raises ModelError where the model has no catalogue."""
        found: list[Answer | None] = [None] * len(questions)
        marked = [at for at, each in enumerate(questions) if not each.top]
        for at, answer in zip(marked, self._mark([questions[at] for at in marked]), strict=True):
            found[at] = answer
        for at, each in enumerate(questions):
            if each.top:
                found[at] = self._match(each)
        return [answer for answer in found if answer is not None]

    def unlike(self, questions: Sequence[Question]) -> list[bool]:
        """Tell which texts are unlike all that the model learned from.

        The first time the texts of train are read, which takes seconds.
        """
        if self._familiar is None:
            self._familiar = Familiar(self.folder, bases.BUNDLED, str(self.predictor.device))
        return self._familiar.unlike(_documents(questions)).tolist()

    def warm(self) -> None:
        """Answer something, so that who asks first waits no longer than who asks later."""
        second = "b" if self.predictor.loaded.head.task.fitting else None
        for words in WORDS:
            for texts in TEXTS:
                self.answer([Question("word " * words, second)] * texts)
        if self.matcher:
            self._match(Question("word", top=1))

    def _mark(self, questions: Sequence[Question]) -> Iterator[Answer]:
        head, labels = self.predictor.loaded.head, self.predictor.labels
        for documents, scores in self.predictor.stream_scored(_documents(questions)):
            for document, rows in zip(documents, scores, strict=True):
                doubt = head.doubt(rows)
                chances = None
                if head.task.marks_whole:
                    (row,) = head.chances(document, WHOLE, rows).astype(np.float64).tolist()
                    chances = dict(zip(labels, row, strict=True))
                marks = [(m.start, m.end, m.label, m.score) for m in document.spans]
                yield Answer(marks, chances, doubt.confidence if doubt else None)

    def _match(self, question: Question) -> Answer:
        assert self.matcher, "nobody is asked for matches who has no catalogue"
        (found,) = self.matcher.stream([question.text], Asked(top=question.top))
        return Answer(matches=[_told(each) for each in found.answers])


def load(folder: Path, *, int8: bool = False, catalogue: Path | None = None) -> Answerer:
    """Load a finished run's model, in int8 if that is asked for and costs little enough.

    ``catalogue`` is the folder of a run that made one ready. Raises ModelError, RunFolderError.
    """
    predictor, told = pipeline.load(folder), ""
    if int8:
        predictor, told = precision.choose(folder, predictor)
    return Answerer(predictor, folder, told, matcher.load(catalogue) if catalogue else None)


def compute_alone() -> None:
    """Let the thread that calls compute by itself: others answer beside it."""
    torch.set_num_threads(1)


def _documents(questions: Sequence[Question]) -> list[Document]:
    return [
        Document(each.text, tokenize(each.text), second_text=each.second_text) for each in questions
    ]


def _told(found: Any) -> Mapping[str, Any]:
    names = "id", "text", "score", "likeness", "good"
    return {name: getattr(found, name) for name in names}
