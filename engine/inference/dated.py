"""Dated texts through one or two trained models, and how familiar each is to the first.

A worker module: torch lives here. What the models mark is what each task marks: whoever counts
asks for the labels alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.configuration import bases
from engine.encoding.tokens import tokenize
from engine.evaluation.likeness.nearest import nearest
from engine.inference import likeness, pipeline
from engine.inference.encoder import Encoder
from engine.models import loading
from engine.monitoring.records import Record
from engine.runs import snapshot
from storage.types import Document, Span, Split

# Training texts that new ones are held against, and how many are read at a time.
TRAIN, PORTION = 1_000, 256
KEPT = "familiar.npz"

Pause = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text as the models see it."""

    record: Record
    topics: tuple[Span, ...]
    labels: tuple[Span, ...]
    """What the second model marks; empty without one."""
    unlike: bool
    """Whether no training text is as near as training texts are to each other."""


class Familiar:
    """The training texts of a run, to tell texts that are unlike all of them.

    A text is unlike where its nearest training text is farther than all but ``likeness.FAR`` of
    the training texts are from their own nearest one: the threshold comes from them alone.
    """

    def __init__(
        self, trained: Path, encoder: str, device: str, pause: Pause = lambda: None
    ) -> None:
        self._encoder = Encoder(bases.fetch(encoder), loading.choose_device(device))
        self._vectors, self.close = self._known(trained, pause)

    def unlike(self, documents: Sequence[Document], pause: Pause = lambda: None) -> np.ndarray:
        """Tell which documents are unlike all training texts: bool of shape (documents,)."""
        if not len(self._vectors):
            return np.zeros(len(documents), dtype=bool)
        found = nearest(self._encoder.embed(documents, pause), self._vectors, 1, pause=pause)
        return found.similarities[:, 0] < self.close

    def _known(self, trained: Path, pause: Pause) -> tuple[np.ndarray, float]:
        """Return the vectors of train and how near is near, from the last time where there is."""
        path = trained / KEPT
        if path.is_file():
            with np.load(path) as kept:
                if kept["vectors"].shape[1] == self._encoder.width:
                    return kept["vectors"], float(kept["close"])
        texts = likeness.sample(list(snapshot.stream(trained, Split.TRAIN)), 0, TRAIN)
        vectors = self._encoder.embed(texts, pause)
        close = likeness.usual(vectors, 0, pause) if len(texts) > 1 else -1.0
        draft = path.with_name(f".{KEPT}")
        with draft.open("wb") as file:
            np.savez(file, vectors=vectors, close=np.array(close))
        draft.replace(path)
        return vectors, close


class Models:
    """One or two finished runs' models, ready for any number of texts."""

    def __init__(
        self,
        first: Path,
        second: Path | None,
        *,
        device: str = "auto",
        encoder: str = bases.BUNDLED,
        pause: Pause = lambda: None,
    ) -> None:
        """Load the models; raise ModelError where a run has no complete one.

        ``encoder`` tells which texts are unlike those that the first model learned from.
        """
        self._first = pipeline.load(first, device)
        self._second = pipeline.load(second, device) if second else None
        self._familiar = Familiar(first, encoder, device, pause)

    def label(
        self, records: Sequence[Record], pause: Pause = lambda: None
    ) -> Iterator[list[Labelled]]:
        """Yield the records with what the models say, portion after portion, in their order."""
        for start in range(0, len(records), PORTION):
            portion = records[start : start + PORTION]
            given = [Document(r.text, tokenize(r.text), second_text=r.second) for r in portion]
            topics = [d.spans for chunk in self._first.stream(given, pause) for d in chunk]
            labels: list[tuple[Span, ...]] = [()] * len(given)
            if self._second:
                labels = [d.spans for chunk in self._second.stream(given, pause) for d in chunk]
            new = self._familiar.unlike(given, pause).tolist()
            together = zip(portion, topics, labels, new, strict=True)
            yield [Labelled(*each) for each in together]
