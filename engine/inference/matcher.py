"""What of a catalogue answers a text: many are found by their vectors, and weighed with care.

The retriever reads a text and an item apart, so that all items are read beforehand; the model of
the run reads both together and says how well they fit (Nogueira and Cho 2019, "Passage Re-ranking
with BERT"). How much each counts in the order was chosen on dev, when the catalogue was read (see
``engine.retrieval.blending``). Where that gave the model no weight it is not even loaded, and the
order is the retriever's, as without a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.inference import pipeline, retriever
from engine.inference.pipeline import Predictor
from engine.inference.retriever import Retriever
from engine.retrieval import embeddings, index
from engine.retrieval.blending import blend
from engine.retrieval.common_words import Common, Words, common
from engine.retrieval.diversity import diversify
from engine.retrieval.index import Index
from engine.runs import files, snapshot, spec
from engine.runs.files import REPORT
from storage.errors import ModelError
from storage.types import Document, Span

CANDIDATES = 100
# Texts that are answered together: their candidates are weighed in whole batches.
TOGETHER = 16
# A text of several lines is a history: each line is one of its things.
_WHOLE = (Span(0, 0, ""),)

Pause = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """How to answer: how many, how different from each other, and when not at all."""

    top: int = 10
    diversify: float = 0.0
    """0: the best, in their order; up to 1: those that differ from each other."""
    threshold: float | None = None
    """From which score on an answer is good; None: as was chosen on dev, by score and likeness."""
    explain: bool = False
    """Whether to look for the words that match."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An item that was found, the score that ordered it, and why it is there."""

    id: str
    text: str
    score: float
    likeness: float
    """The cosine by which it was found."""
    good: bool = True
    """Whether it is good enough to be given."""
    words: tuple[Common, ...] = ()
    because: str = ""
    """Of a history, the line that it is nearest to."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The best answers to a text, the best first."""

    query: str
    answers: tuple[Answer, ...]
    good: int
    """How many of them are good enough; 0: there is no good answer."""


class Ranker:
    """A model that reads two texts together and says how well they fit."""

    def __init__(self, predictor: Predictor) -> None:
        fitting = predictor.loaded.head.task.fitting
        if fitting is None:
            raise ModelError("This model reads one text at a time: choose one of pairs of texts.")
        self._predictor, self._fitting = predictor, fitting

    @property
    def highest(self) -> float:
        """The score of what fits best: the highest grade that the model knows."""
        return float(max(map(self._fitting.grade, self._predictor.labels), default=1))

    def scores(self, pairs: Iterable[Document], pause: Pause = lambda: None) -> np.ndarray:
        """Return how well the second text of each document fits its first: float64 (pairs,)."""
        head, found = self._predictor.loaded.head, [np.zeros((0, len(self._predictor.labels)))]
        for documents, scores in self._predictor.stream_scored(pairs, pause):
            together = zip(documents, scores, strict=True)
            found += [head.chances(document, _WHOLE, each) for document, each in together]
        return self._fitting.relevance(np.concatenate(found), self._predictor.labels)


class Matcher:
    """A catalogue with what finds and weighs its items."""

    def __init__(
        self, folder: Path, retriever: Retriever, ranker: Ranker | None, found: Index
    ) -> None:
        """Use ``load`` instead."""
        self._ids, self._texts = snapshot.columns(folder, ("name", "text"))
        self._retriever, self._ranker, self._index = retriever, ranker, found
        with files.reading(folder / REPORT):
            report = files.read_object(folder / REPORT)
            told = report.get("threshold")
            self.threshold: float | None = float(told["value"]) if told else None
            self._alike = float(told["likeness"]) if told else -1.0
            self._weight = float(report.get("likeness_weight", 0.0))
            self._highest = float(report.get("highest") or 1.0)
            self.described: Mapping[str, Any] = report["index"]

    def stream(
        self, queries: Sequence[str], asked: Asked = Asked(), pause: Pause = lambda: None
    ) -> Iterator[Answers]:
        """Answer one text after the other; ``pause`` is called after every batch and may raise."""
        for start in range(0, len(queries), TOGETHER):
            yield from self._answer(queries[start : start + TOGETHER], asked, pause)

    def _answer(self, queries: Sequence[str], asked: Asked, pause: Pause) -> list[Answers]:
        vectors = self._retriever.embed(queries, pause)
        most = max(CANDIDATES, asked.top)
        near, rows = self._index.search(vectors, most)
        found = [
            self._read(query, similarities[known >= 0], known[known >= 0])
            for query, similarities, known in zip(queries, near, rows, strict=True)
        ]
        if self._ranker:
            found = self._weigh(found, pause)
        return [self._choose(each, asked) for each in found]

    def _read(self, query: str, near: np.ndarray, rows: np.ndarray) -> _Found:
        texts, cosines = self._texts.take(rows).to_pylist(), near.astype(np.float64)
        scores = blend(np.zeros_like(cosines), cosines, self._highest, 1.0)
        return _Found(query, rows, texts, scores, cosines)

    def _weigh(self, found: Sequence[_Found], pause: Pause) -> list[_Found]:
        """Let the model score all candidates of all texts, and order each text's by that."""
        assert self._ranker, "without one the retriever's order stands"
        pairs = (Document(each.query, second_text=text) for each in found for text in each.texts)
        scores = self._ranker.scores(pairs, pause)
        ends = np.cumsum([len(each.texts) for each in found])[:-1]
        together = zip(found, np.split(scores, ends), strict=True)
        return [
            each.ordered(blend(own, each.near, self._highest, self._weight))
            for each, own in together
        ]

    def _choose(self, found: _Found, asked: Asked) -> Answers:
        places = list(range(min(asked.top, len(found.texts))))
        if asked.diversify:
            vectors = np.asarray(self._index.vectors[found.rows])
            places = diversify(found.scores, vectors, asked.top, asked.diversify)
        ids = self._ids.take(found.rows[places]).to_pylist()
        answers = tuple(
            Answer(
                id,
                found.texts[at],
                float(found.scores[at]),
                float(found.near[at]),
                self._is_good(found.scores[at], found.near[at], asked.threshold),
            )
            for id, at in zip(ids, places, strict=True)
        )
        if asked.explain and answers:
            answers = self._explain(found, answers, places)
        return Answers(found.query, answers, sum(answer.good for answer in answers))

    def _is_good(self, score: float, likeness: float, threshold: float | None) -> bool:
        if threshold is not None:
            return bool(score >= threshold)
        return self.threshold is None or bool(score >= self.threshold and likeness >= self._alike)

    def _explain(
        self, found: _Found, answers: Sequence[Answer], places: Sequence[int]
    ) -> tuple[Answer, ...]:
        """Add to each answer the words that match, and the line of a history it is nearest to."""
        read = self._retriever.words([found.query, *(answer.text for answer in answers)])
        texts = [found.query, *(answer.text for answer in answers)]
        words = [Words(text, *each) for text, each in zip(texts, read, strict=True)]
        mean = np.concatenate([each.vectors for each in words]).mean(axis=0)
        lines = self._nearest_lines(found, places)
        return tuple(
            replace(answer, words=tuple(common(words[0], own, mean)), because=line)
            for answer, own, line in zip(answers, words[1:], lines, strict=True)
        )

    def _nearest_lines(self, found: _Found, places: Sequence[int]) -> list[str]:
        """Return for each answer the line of the query that it is nearest to; "" of one line."""
        lines = [line.strip() for line in found.query.splitlines() if line.strip()]
        if len(lines) < 2:
            return [""] * len(places)
        vectors = np.asarray(self._index.vectors[found.rows[list(places)]])
        near = vectors @ self._retriever.embed(lines).T
        return [lines[at] for at in near.argmax(axis=1)]


@dataclass(frozen=True, slots=True)
class _Found:
    """The candidates of one text, the best first: rows and texts, scores and cosines."""

    query: str
    rows: np.ndarray
    texts: list[str]
    scores: np.ndarray
    near: np.ndarray

    def ordered(self, scores: np.ndarray) -> _Found:
        """Return the candidates in the order of other scores; equal ones as they were."""
        order = np.argsort(-scores, kind="stable")
        texts = [self.texts[at] for at in order]
        return _Found(self.query, self.rows[order], texts, scores[order], self.near[order])


def load(folder: Path, device: str = "auto") -> Matcher:
    """Load a catalogue's run with the models that it was made for.

    Raises:
        RunFolderError: a file of the folder is missing, or is not what it should be.
        ModelError: the run that trained has no complete model.
    """
    asked = spec.read(folder)
    vectors = embeddings.read(folder, snapshot.count(folder))
    found = index.load(folder, vectors)
    with files.reading(folder / REPORT):
        alone = float(files.read_object(folder / REPORT).get("likeness_weight", 0.0)) >= 1
    encoder, ranker = models(asked.model, device, ranks=not alone)
    if encoder.width != vectors.shape[1]:
        raise ModelError("The catalogue was read by another encoder: load it again.")
    return Matcher(folder, encoder, ranker, found)


def models(
    trained: str, device: str = "auto", *, ranks: bool = True
) -> tuple[Retriever, Ranker | None]:
    """Return what finds and what weighs, of the run's folder; the bundled encoder alone of "".

    Without ``ranks`` what weighs is left out.
    """
    if not trained:
        return retriever.load(None, device), None
    ranker = Ranker(pipeline.load(Path(trained), device)) if ranks else None
    return retriever.load(retriever.find(Path(trained)), device), ranker
