"""Suggestions of a trained model for all documents: what it would label, and what to tag next.

Making them is a run of its own. It reads the labelled documents too, so that people see where
the model disagrees with them. Documents come in chunks, and what is suggested for them goes to
the disk at once; what is kept of each is some numbers, and one vector, in a file where there are
many (1.5 GB for a million documents). A killed run begins again.

Suggestions lean towards finding more than a model would by itself: saying no costs a person
less than finding what was not shown (Ganchev et al. 2007, "Semi-Automated Named Entity
Annotation"). What was tried is in tests/benchmarks/README.md.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import numpy as np

from engine.configuration import bases
from engine.inference import pipeline
from engine.inference.encoder import Encoder
from engine.inference.novelty import novelty
from engine.inference.pipeline import Predictor
from engine.models import loading
from engine.runs import snapshot, suggested
from engine.runs.spec import RunSpec
from engine.training import reporting
from engine.training.callbacks import Watch
from storage.types import Document, DocumentScore, Status

# In nats: a tag is suggested where it is at least 0.22 times as probable as none. More would be
# read for little that is right (tests/benchmarks/README.md, "How much is suggested").
LEAN = 1.5
# Bytes of vectors from which on they lie in a file.
IN_MEMORY = 1 << 28


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Read every frozen document, write suggestions and scores, return the closing sentence.

    Raises ModelError where the run that trained has no complete model, and Cancelled.
    """
    started = time.perf_counter()
    reporting.discard(folder)
    device = loading.choose_device(asked.settings.device)
    watch.enter("loading", device=loading.name_device(device))
    predictor = pipeline.load(Path(asked.model), asked.settings.device)
    notes = Notes(Encoder(bases.fetch(asked.base), device), folder, watch)
    permit()
    with suggested.writing(folder) as add:
        frozen = snapshot.stream(folder)
        for documents, scores in predictor.stream_scored(frozen, watch.pause, LEAN):
            add(notes.take(documents, scores, predictor))
        permit()
    watch.enter("comparing", step=notes.total, steps=notes.total, seconds_left=None)
    found = notes.scores()
    watch.enter("saving")
    permit()
    suggested.write_scores(folder, found)
    report = {
        **reporting.heading(asked),
        "device": loading.name_device(device),
        "documents": notes.total,
        "labelled": int(notes.labelled.sum()),
        "suggestions": notes.suggestions,
        "total_seconds": time.perf_counter() - started,
    }
    reporting.write(folder, report)
    return f"{notes.suggestions:,} suggestions in {notes.total:,} documents."


class Notes:
    """What is kept of the documents that were read, in their order: numbers, in arrays."""

    def __init__(self, encoder: Encoder, folder: Path, watch: Watch) -> None:
        self.total, self.suggestions = snapshot.count(folder), 0
        self.labelled = np.zeros(self.total, dtype=bool)
        self._read = 0
        self._ids = np.zeros(self.total, dtype=np.int64)
        # No number where there is nothing to measure.
        self._doubts = np.full((self.total, 3), np.nan)
        self._vectors = vectors_in(folder, (self.total, encoder.width))
        self._encoder, self._watch = encoder, watch
        self._words, self._started = 0, time.perf_counter()

    def take(
        self, documents: list[Document], scores: list[np.ndarray], predictor: Predictor
    ) -> list[suggested.Of]:
        """Take down how sure the model is of some documents, and what they are like.

        Returns what it suggests for each.
        """
        rows = slice(self._read, self._read + len(documents))
        self._read = rows.stop
        self._vectors[rows] = self._encoder.embed(documents, self._watch.pause)
        ids = [cast(int, document.id) for document in documents]
        self._ids[rows] = ids
        self.labelled[rows] = [document.status is Status.DONE for document in documents]
        head = predictor.loaded.head
        for row, doubt in enumerate(map(head.doubt, scores), start=rows.start):
            if doubt:
                self._doubts[row] = doubt.entropy, doubt.confidence, doubt.margin
        self.suggestions += sum(len(document.spans) for document in documents)
        self._words += sum(len(document.tokens) for document in documents)
        seconds = time.perf_counter() - self._started
        self._watch.reading(self._read, self.total, self._words, seconds)
        guesses = head.guesses(documents, scores, predictor.labels)
        spans = (document.spans for document in documents)
        return list(zip(ids, spans, guesses, strict=True))

    def scores(self) -> Iterator[DocumentScore]:
        """Yield every document's scores, once all were read."""
        novelties = novelty(self._vectors, self.labelled, pause=self._watch.pause)
        for id, doubt, novel in zip(self._ids, self._doubts, novelties, strict=True):
            if np.isnan(doubt).any():
                yield DocumentScore(int(id), None, None, None, None)
            else:
                entropy, confidence, margin = doubt.tolist()
                yield DocumentScore(int(id), entropy, confidence, margin, float(novel))


def vectors_in(folder: Path, shape: tuple[int, int]) -> np.ndarray:
    """Return zeros, float32; many lie in a file of the folder that goes with the process."""
    if 4 * shape[0] * shape[1] <= IN_MEMORY:
        return np.zeros(shape, dtype=np.float32)
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, dtype=np.float32, mode="w+", shape=shape)
