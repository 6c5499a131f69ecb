"""Decoding: always valid spans, and the best among them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.spans.tagging.decoding import count_illegal, decode, to_spans
from engine.tasks.spans.tagging.encoding import tag_names
from engine.tasks.spans.tagging.schemes import decode as spans_of_tags
from storage.types import Source, Span
from tests.engine import tiny

LABELS = ("org", "place")
NAMES = tag_names(LABELS)


def random_scores(seed: int, length: int, tags: int = len(NAMES)) -> np.ndarray:
    raw = np.random.default_rng(seed).normal(0, 2, (length, tags))
    return (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)


def is_valid(path: tuple[int, ...]) -> bool:
    before = 0
    for tag in path:
        if tag > 0 and tag % 2 == 0 and before not in (tag, tag - 1):
            return False
        before = tag
    return True


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 5)), min_size=1, max_size=6))
def test_the_path_is_the_best_valid_one(cases: list[tuple[int, int]]) -> None:
    scores = [random_scores(seed, length) for seed, length in cases]
    for found, score in zip(decode(scores), scores, strict=True):
        valid = [path for path in product(range(5), repeat=len(score)) if is_valid(path)]
        totals = [sum(float(score[i, tag]) for i, tag in enumerate(path)) for path in valid]
        reached = sum(float(score[i, tag]) for i, tag in enumerate(found))
        assert is_valid(tuple(found))
        assert reached == pytest.approx(max(totals))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=20))
def test_a_document_is_decoded_the_same_alone_and_among_others(lengths: list[int]) -> None:
    scores = [random_scores(index, length) for index, length in enumerate(lengths)]
    together = decode(scores)
    for score, path in zip(scores, together, strict=True):
        assert len(path) == len(score)
        assert path.tolist() == decode([score])[0].tolist()


def test_more_documents_than_a_group_keep_their_order() -> None:
    scores = [random_scores(index, index % 7) for index in range(600)]
    assert [len(path) for path in decode(scores)] == [index % 7 for index in range(600)]


@given(st.integers(0, 10**6), st.integers(1, 30))
def test_spans_are_those_of_the_tags_and_never_overlap(seed: int, length: int) -> None:
    scores = random_scores(seed, length)
    (path,) = decode([scores])
    document = tiny.document(" ".join(["w"] * length))
    spans = to_spans(document, path, scores, LABELS)
    expected = [
        Span(2 * first, 2 * last - 1, label)
        for first, last, label in spans_of_tags([NAMES[tag] for tag in path])
    ]
    assert list(spans) == expected
    assert all(span.source == Source.MODEL and 0 <= span.score <= 1 for span in spans)


def test_a_spans_score_is_the_mean_probability_of_its_tags() -> None:
    scores = np.log(np.array([[0.1, 0.8, 0.1], [0.3, 0.1, 0.6], [0.9, 0.05, 0.05]]))
    document = tiny.document("New York .")
    (span,) = to_spans(document, np.array([1, 2, 0]), scores, ["place"])
    assert span == Span(0, 8, "place")
    assert span.score == pytest.approx(0.7)


def test_what_argmax_would_have_broken_is_counted() -> None:
    best = [2, 0, 1, 2, 2, 4, 3, 4, 2]
    scores = np.full((len(best), 5), -9.0)
    scores[range(len(best)), best] = 0.0
    assert count_illegal([scores, np.zeros((0, 5))]) == 3
    assert is_valid(tuple(decode([scores])[0]))


@given(st.integers(0, 10**6), st.integers(1, 60))
def test_where_argmax_is_valid_it_is_the_path(seed: int, length: int) -> None:
    scores = random_scores(seed, length)
    (path,) = decode([scores])
    assert is_valid(tuple(path))
    best = scores.argmax(axis=1)
    assert is_valid(tuple(best)) == (count_illegal([scores]) == 0)
    assert (path.tolist() == best.tolist()) or not is_valid(tuple(best))
