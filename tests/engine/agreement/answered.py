"""People with known rates of error, for tests and benchmarks alike: made by a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from storage.types import Document, Span

Answers = dict[str, dict[int, list[Span]]]


def texts(number: int, labels: Sequence[str], seed: int = 0) -> list[Document]:
    """Return documents of ten to thirty words with the marks that are right."""
    drawn = random.Random(seed)
    return [_text(drawn, id, labels) for id in range(1, number + 1)]


def _text(drawn: random.Random, id: int, labels: Sequence[str]) -> Document:
    words = drawn.randint(10, 30)
    tokens = tuple((at * 6, at * 6 + 5) for at in range(words))
    spans, at = [], 0
    while at < words - 3:
        if drawn.random() < 0.15:
            last = at + drawn.randint(0, 2)
            spans.append(Span(tokens[at][0], tokens[last][1], drawn.choice(labels)))
            at = last + 1
        at += 1
    return Document(" ".join(["abcde"] * words), tokens, tuple(spans), id=id)


def answers(
    documents: Sequence[Document],
    wrong: Sequence[float],
    labels: Sequence[str],
    *,
    share: float = 1.0,
    seed: int = 0,
) -> Answers:
    """Return what people said, each wrong about a share of the marks, of a ``share`` of the texts.

    A third of what is wrong is missing, a third has another label, a third other borders.
    """
    drawn = random.Random(seed)
    return {
        f"person {at}": {
            document.id: _read(drawn, document, rate, labels)
            for document in documents
            if drawn.random() < share
        }
        for at, rate in enumerate(wrong)
    }


def _read(
    drawn: random.Random, document: Document, wrong: float, labels: Sequence[str]
) -> list[Span]:
    found = []
    for span in document.spans:
        chance = drawn.random()
        if chance < wrong / 3:
            continue
        others = [label for label in labels if label != span.label]
        label = drawn.choice(others) if wrong / 3 <= chance < 2 * wrong / 3 else span.label
        end = span.start + 2 if 2 * wrong / 3 <= chance < wrong else span.end
        found.append(Span(span.start, end, label))
    return found
