"""Suggestions of a trained model for all documents: what it would label, and what to tag next.

Making them is a run of its own. It reads the labelled documents too, so that people see where
the model disagrees with them. Documents come in chunks; what is kept of each is its spans, its
scores and one vector (150 MB for 100,000 documents). A killed run begins again.

Suggestions lean towards finding more than a model would by itself: saying no costs a person
less than finding what was not shown (Ganchev et al. 2007, "Semi-Automated Named Entity
Annotation"). What was tried is in tests/benchmarks/README.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np

from engine.configuration import bases
from engine.inference import pipeline
from engine.inference.encoder import Encoder
from engine.inference.novelty import novelty
from engine.inference.pipeline import Predictor
from engine.models import loading
from engine.runs import snapshot
from engine.runs.spec import RunSpec
from engine.tasks.uncertainty import Doubt
from engine.training import reporting
from engine.training.callbacks import Watch
from storage.types import Document, DocumentScore, Span, Status

# In nats: a tag is suggested where it is at least 0.22 times as probable as none. More would be
# read for little that is right (tests/benchmarks/README.md, "How much is suggested").
LEAN = 1.5


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Read every frozen document, write suggestions and scores, return the closing sentence.

    Raises ModelError where the run that trained has no complete model, and Cancelled.
    """
    started = time.perf_counter()
    reporting.discard(folder)
    device = loading.choose_device(asked.settings.device)
    watch.enter("loading", device=loading.name_device(device))
    predictor = pipeline.load(Path(asked.model), asked.settings.device)
    notes = Notes(Encoder(bases.fetch(asked.base), device), snapshot.count(folder), watch)
    frozen = snapshot.stream(folder)
    for documents, scores in predictor.stream_scored(frozen, watch.pause, LEAN):
        notes.take(documents, scores, predictor)
    watch.enter("comparing", step=notes.total, steps=notes.total, seconds_left=None)
    found = notes.scores()
    watch.enter("saving")
    permit()
    snapshot.write_suggestions(folder, notes.spans, notes.guesses)
    snapshot.write_scores(folder, found)
    report = {
        **reporting.heading(asked),
        "device": loading.name_device(device),
        "documents": notes.total,
        "labelled": sum(notes.labelled),
        "suggestions": len(notes.spans),
        "total_seconds": time.perf_counter() - started,
    }
    reporting.write(folder, report)
    return f"{len(notes.spans):,} suggestions in {notes.total:,} documents."


class Notes:
    """What is kept of the documents that were read, in their order."""

    def __init__(self, encoder: Encoder, total: int, watch: Watch) -> None:
        self.total = total
        self.spans: list[tuple[int, Span]] = []
        self.guesses: list[tuple[int, Span]] = []
        self.labelled: list[bool] = []
        self._ids: list[int] = []
        self._doubts: list[Doubt | None] = []
        self._vectors = np.zeros((total, encoder.width), dtype=np.float32)
        self._encoder, self._watch = encoder, watch
        self._words, self._started = 0, time.perf_counter()

    def take(
        self, documents: list[Document], scores: list[np.ndarray], predictor: Predictor
    ) -> None:
        """Take down what the model predicts for some documents, and what they are like."""
        rows = slice(len(self._ids), len(self._ids) + len(documents))
        self._vectors[rows] = self._encoder.embed(documents, self._watch.pause)
        ids = [cast(int, document.id) for document in documents]
        self._ids += ids
        self.labelled += [document.status is Status.DONE for document in documents]
        together = zip(ids, documents, strict=True)
        self.spans += [(id, span) for id, document in together for span in document.spans]
        head = predictor.loaded.head
        guessed = zip(ids, head.guesses(documents, scores, predictor.labels), strict=True)
        self.guesses += [(id, span) for id, spans in guessed for span in spans]
        self._doubts += map(head.doubt, scores)
        self._words += sum(len(document.tokens) for document in documents)
        seconds = time.perf_counter() - self._started
        self._watch.reading(len(self._ids), self.total, self._words, seconds)

    def scores(self) -> list[DocumentScore]:
        """Return every document's scores, once all were read."""
        labelled = np.array(self.labelled, dtype=bool)
        novelties = novelty(self._vectors, labelled, pause=self._watch.pause)
        return [
            DocumentScore(id, doubt.entropy, doubt.confidence, doubt.margin, float(novel))
            if doubt
            else DocumentScore(id, None, None, None, None)
            for id, doubt, novel in zip(self._ids, self._doubts, novelties, strict=True)
        ]
