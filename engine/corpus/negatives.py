"""Pairs that nobody chose, to stand against a log of what people chose; marked as such.

Half of them are *mined*: the second texts most like the first text by their words (BM25, Robertson
and Zaragoza 2009, k1 = 1.2, b = 0.75), which a model has to tell from good ones. The others are
*sampled* at random. None is a pair that is known, whatever its answer.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from storage.hashing import document_hash
from storage.types import Document, Source, Span, Status

MOST = 50
_K1, _B = 1.2, 0.75
_WORD = re.compile(r"[^\W_]+")
# CJK is written without blanks: each of its characters is a word here.
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
# A word in more texts than this says nothing of any, and takes long.
_COMMON = 0.2
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Made:
    """Documents with their negatives behind them, each after its positive."""

    documents: tuple[Document, ...]
    sampled: int = 0
    mined: int = 0


def add(
    documents: Sequence[Document],
    count: int,
    *,
    fits: Collection[str],
    yes: str,
    no: str,
    seconds: Sequence[str] = (),
    known: Container[str] = frozenset(),
    seed: int = 13,
) -> Made:
    """Give each positive pair ``count`` negatives: half mined (rounded down), half sampled.

    A pair is positive whose label is in ``fits``; where no pair has a label all are, and get
    the label ``yes``. ``seconds`` are second texts besides those of the pairs, ``known`` the
    fingerprints (`document_hash`) of pairs that must not come up. The same seed draws the same.
    """
    if not any(document.spans for document in documents):
        documents = [_answered(document, yes) for document in documents]
    taken = set(map(document_hash, documents))
    pool = list(dict.fromkeys([*seconds, *(d.second_text or "" for d in documents)]))
    index, drawing = _Index(pool), random.Random(seed)
    found: list[Document] = []
    numbers: Counter[Source] = Counter()
    for document in documents:
        found.append(document)
        if not any(span.label in fits or span.label == yes for span in document.spans):
            continue
        for negative in _negatives(document, count, no, index, drawing, taken, known):
            found.append(negative)
            numbers[negative.spans[0].source] += 1
    return Made(tuple(found), numbers[Source.SAMPLED], numbers[Source.MINED])


def _answered(document: Document, label: str) -> Document:
    return replace(document, spans=(Span(0, 0, label, source=Source.IMPORT),), status=Status.DONE)


def _negatives(
    positive: Document,
    count: int,
    no: str,
    index: _Index,
    drawing: random.Random,
    taken: set[str],
    known: Container[str],
) -> Iterator[Document]:
    left = count
    for source, most, texts in (
        (Source.MINED, count // 2, index.like(positive)),
        (Source.SAMPLED, count, _drawn(index.texts, drawing, count)),
    ):
        most = min(most, left)
        for text in texts if most else ():
            made = _made(positive, text, no, source)
            if (key := document_hash(made)) not in taken and key not in known:
                taken.add(key)
                most, left = most - 1, left - 1
                yield made
            if not most:
                break


def _made(positive: Document, second: str, no: str, source: Source) -> Document:
    return replace(
        positive,
        second_text=second,
        spans=(Span(0, 0, no, source=source),),
        name=f"{positive.name} ({source})",
        layout={"format": "negatives"},
        date="",
    )


def _drawn(texts: Sequence[str], drawing: random.Random, count: int) -> Iterator[str]:
    for _ in range(_TRIES * count):
        yield texts[drawing.randrange(len(texts))]


class _Index:
    """Which second texts hold which words, and how much each says of its text."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = list(texts)
        counted = [Counter(words(text)) for text in texts]
        lengths = [counts.total() for counts in counted]
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        found: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, counts in enumerate(counted):
            rest = _K1 * (1 - _B + _B * lengths[place] / mean)
            for word, number in counts.items():
                found[word].append((place, number * (_K1 + 1) / (number + rest)))
        most = max(10.0, _COMMON * len(texts))
        self._postings = {
            word: self._posting(places) for word, places in found.items() if len(places) <= most
        }

    def _posting(self, found: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of a word, and its weight in each."""
        weight = math.log(1 + (len(self.texts) - len(found) + 0.5) / (len(found) + 0.5))
        places, amounts = zip(*found, strict=True)
        return np.array(places), weight * np.array(amounts)

    def like(self, document: Document) -> Iterator[str]:
        """Yield texts with words of a pair, the most alike to the first text first."""
        said = set(words(document.text))
        scores = np.zeros(len(self.texts))
        # In one order: sums of the same numbers must be the same in every process.
        for word in sorted({*said, *words(document.second_text or "")}):
            if word in self._postings:
                places, amounts = self._postings[word]
                # What is like the good answer is hard to tell, too, but less so.
                scores[places] += amounts if word in said else 0.5 * amounts
        known = np.flatnonzero(scores)
        for place in known[np.lexsort((known, -scores[known]))][: 4 * MOST]:
            yield self.texts[place]


def words(text: str) -> list[str]:
    """Return a text's words in one case; each character of CJK is one."""
    return (_CJK if _CJK.search(text) else _WORD).findall(text.casefold())
