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
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

import numpy as np
import torch

from engine.configuration import bases
from engine.inference.looking import Looked, Looker
from engine.inference.novelty import novelty
from engine.jobs.kinds import RAY, WORKERS
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
    # The workers of a cluster compute on processors.
    spread = bool(asked.options.get(RAY))
    device = loading.choose_device("cpu" if spread else asked.settings.device)
    watch.enter("loading", device=loading.name_device(device))
    looked = _spread(folder, asked) if spread else _look(folder, asked, device, watch)
    notes = Notes(folder, watch)
    permit()
    with suggested.writing(folder) as add:
        for documents, seen in looked:
            add(notes.take(documents, seen))
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


def _look(
    folder: Path, asked: RunSpec, device: torch.device, watch: Watch
) -> Iterator[tuple[Sequence[Document], Looked]]:
    looker = Looker(Path(asked.model), bases.fetch(asked.base), device)
    return looker.look(snapshot.stream(folder), LEAN, watch.pause)


def _spread(folder: Path, asked: RunSpec) -> Iterator[tuple[Sequence[Document], Looked]]:
    suggesting = import_module("engine.scaling.suggesting")
    work = suggesting.Work(asked.model, str(bases.fetch(asked.base)), LEAN)
    spread = suggesting.Spread(
        asked.options[RAY], asked.options[WORKERS], max(1, asked.settings.threads)
    )
    return suggesting.look(work, lambda: snapshot.stream(folder), spread)


class Notes:
    """What is kept of the documents that were read, in their order: numbers, in arrays."""

    def __init__(self, folder: Path, watch: Watch) -> None:
        self.total, self.suggestions = snapshot.count(folder), 0
        self.labelled = np.zeros(self.total, dtype=bool)
        self._read = 0
        self._ids = np.zeros(self.total, dtype=np.int64)
        # No number where there is nothing to measure.
        self._doubts = np.full((self.total, 3), np.nan)
        # As wide as the first ones that come.
        self._vectors = np.zeros((self.total, 0), dtype=np.float32)
        self._folder, self._watch = folder, watch
        self._words, self._started = 0, time.perf_counter()

    def take(self, documents: Sequence[Document], seen: Looked) -> list[suggested.Of]:
        """Take down how sure the model is of some documents, and what they are like.

        Returns what it suggests for each.
        """
        if not self._read:
            self._vectors = vectors_in(self._folder, (self.total, seen.vectors.shape[1]))
        rows = slice(self._read, self._read + len(documents))
        self._read = rows.stop
        self._vectors[rows], self._doubts[rows] = seen.vectors, seen.doubts
        ids = [cast(int, document.id) for document in documents]
        self._ids[rows] = ids
        self.labelled[rows] = [document.status is Status.DONE for document in documents]
        self.suggestions += sum(map(len, seen.spans))
        self._words += sum(len(document.tokens) for document in documents)
        seconds = time.perf_counter() - self._started
        self._watch.reading(self._read, self.total, self._words, seconds)
        return list(zip(ids, seen.spans, seen.guesses, strict=True))

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
