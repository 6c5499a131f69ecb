"""A finished run's model on new documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from engine.encoding.tokens import tokenize
from engine.inference.flat.encoder import Flat, flatten
from engine.inference.predicting import score_units
from engine.models import loading
from engine.models.loading import Loaded
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.system import memory
from storage.types import Document

CHUNK_WORDS = {"cpu": 16_384, "cuda": 262_144}
"""Words that are encoded, sorted by length and scored together; memory grows with it alone."""

Pause = Callable[[], None]
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Predictor:
    """A run's model on its device, ready for any number of documents."""

    loaded: Loaded
    labels: Sequence[str]
    length: int
    """Window length in pieces."""
    stride: int
    device: torch.device
    flat: Flat | None = None
    """The model in a form that answers faster, where it has one here."""

    def stream(self, documents: Iterable[Document], pause: Pause = lambda: None) -> Iterator[list]:
        """Yield lists of documents with their predicted marks, in order, chunk after chunk.

        Reads no further ahead than one chunk. ``pause`` is called after every batch of the
        model and may raise, which ends the stream.
        """
        for chunk, _ in self.stream_scored(documents, pause):
            yield chunk

    def stream_scored(
        self, documents: Iterable[Document], pause: Pause = lambda: None, lean: float = 0.0
    ) -> Iterator[tuple[list[Document], list[np.ndarray]]]:
        """Yield what ``stream`` does, with the log-probabilities (units, outputs) behind it.

        ``lean`` is how much more than the model by itself is found (see ``Head.decode``); scores
        and what is yielded stay as the model has them.
        """
        for chunk in chunks(map(bare, documents), CHUNK_WORDS[self.device.type]):
            scores = self._score(chunk, pause)
            found = self.loaded.head.decode(chunk, scores, self.labels, lean)
            yield [replace(d, spans=spans) for d, spans in zip(chunk, found, strict=True)], scores

    def _score(self, chunk: Sequence[Document], pause: Pause) -> list[np.ndarray]:
        head, model, padding = self.loaded.head, self.loaded.model, self.loaded.padding
        windows = head.encode(chunk, self.loaded.pieces, self.labels, self.length, self.stride)
        lengths = list(map(head.units, chunk))
        where = padding, self.device, pause, None
        return score_units(model, windows, lengths, *where, head.objective.chances, self.flat)


def load(run_folder: Path, device: str = "auto") -> Predictor:
    """Load a finished run's model; raise ModelError where the run has no complete one."""
    memory.keep()
    folder = checkpoints.verify(Path(run_folder) / MODEL)
    asked = spec.read(run_folder)
    loaded, labels = loading.load_trained(folder, asked.task)
    settings = asked.settings
    chosen = loading.choose_device(device)
    loaded.model.to(chosen)
    length = min(settings.max_length, loaded.longest)
    flat = flatten(loaded.model) if chosen.type == "cpu" else None
    return Predictor(loaded, labels, length, settings.stride, chosen, flat)


def predict(
    run_folder: Path,
    documents: Iterable[Document],
    pause: Pause = lambda: None,
    progress: Progress = lambda done, total: None,
) -> list[Document]:
    """Return the documents with the marks that the run's model predicts, in their order."""
    return list(predict_stream(run_folder, documents, pause, progress))


def predict_stream(
    run_folder: Path,
    documents: Iterable[Document],
    pause: Pause = lambda: None,
    progress: Progress = lambda done, total: None,
) -> Iterator[Document]:
    """Predict as ``predict`` does, but hold no more than one chunk of documents at a time.

    ``pause`` is called after every batch and may raise. ``progress`` is told after every
    chunk how many documents are done, and of how many: None where ``documents`` has no
    length. Raises ModelError, at once, where the run has no complete model.
    """
    total = len(documents) if isinstance(documents, Sized) else None
    return _report(load(run_folder).stream(documents, pause), progress, total)


def _report(
    chunks: Iterable[list[Document]], progress: Progress, total: int | None
) -> Iterator[Document]:
    done = 0
    for chunk in chunks:
        done += len(chunk)
        progress(done, total)
        yield from chunk


def chunks(documents: Iterable[Document], words: int) -> Iterator[list[Document]]:
    """Cut a stream of documents where the next one would make more than ``words`` tokens.

    An empty document counts as one word, so that a chunk never grows without end.
    """
    chunk: list[Document] = []
    size = 0
    for document in documents:
        own = max(1, len(document.tokens))
        if chunk and size + own > words:
            yield chunk
            chunk, size = [], 0
        chunk.append(document)
        size += own
    if chunk:
        yield chunk


def bare(document: Document) -> Document:
    """Return the document without its marks, and with tokens if it came without."""
    tokens = document.tokens or tokenize(document.text)
    return replace(document, spans=(), tokens=tokens)
