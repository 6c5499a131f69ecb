"""How a model of pairs decides: by a threshold that dev chose, or by the likeliest grade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from engine.retrieval.blending import UNKNOWN
from engine.tasks.pairs.head import PairHead, questions
from engine.tasks.pairs.task import PAIRS
from storage.types import Document
from tests.engine.tasks.pairs.corpus import LABELS, pair


def scores(*chances: float) -> list[np.ndarray]:
    return [np.log([[each, 1 - each]]).astype(np.float32) for each in chances]


def judged(*fits: bool) -> list[Document]:
    return [pair("q", f"a{n}", LABELS[not fit], id=n + 1) for n, fit in enumerate(fits)]


# Whatever fits has 0.3 and more, whatever does not 0.2 and less.
DEV = judged(*[True] * 5, *[False] * 5)
SEEN = scores(0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1)


def answers(head: PairHead, *chances: float) -> list[str]:
    found = head.decode(judged(*[True] * len(chances)), scores(*chances), LABELS)
    return [span.label for (span,) in found]


def test_dev_says_from_which_probability_on_a_pair_fits_and_the_model_keeps_it() -> None:
    plain = PairHead(PAIRS)
    assert answers(plain, 0.4, 0.6) == ["no match", "match"]
    head = plain.decided(DEV, SEEN, LABELS)
    assert head.threshold == pytest.approx(0.25)
    assert answers(head, 0.24, 0.26) == ["no match", "match"]
    assert answers(plain.taught(dict(head.config)), 0.26) == ["match"]
    told = head.notes(DEV, SEEN, LABELS)
    assert told["thresholds"] == {"match": pytest.approx(0.25)}
    assert head.decode([], [], LABELS) == []


def test_of_few_pairs_or_of_grades_the_likeliest_answer_is_taken() -> None:
    assert PairHead(PAIRS).decided(DEV[:7], SEEN[:7], LABELS).threshold is None
    assert PairHead(PAIRS).decided(DEV, SEEN, ("1", "2")).threshold is None
    assert PairHead(PAIRS).decided([], [], LABELS).threshold is None


def test_the_score_is_the_probability_of_the_answer_that_is_given() -> None:
    ((span,),) = PairHead(PAIRS, threshold=0.25).decode(DEV[:1], scores(0.4), LABELS)
    assert span.label == "match" and span.score == pytest.approx(0.4)


def test_the_candidates_of_a_left_text_are_those_of_its_group() -> None:
    pairs = [pair("q", "a", "3", id=4), pair("r", "b", "0", id=5, group="g"), pair("q", "c", "1")]
    found = questions(pairs, np.array([0.1, 0.2, 0.3]))
    assert [(each.key, list(each.ids), list(each.grades)) for each in found] == [
        ("q", [4, 2], [3, 1]),
        ("g", [5], [0]),
    ]


def test_a_retriever_beside_the_model_orders_as_much_as_dev_says() -> None:
    pairs = [pair("0", str(n), LABELS[n != 1], id=n) for n in (1, 2, 3)]
    wrong = scores(0.2, 0.8, 0.9)

    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.array([[np.cos(float(text)), np.sin(float(text))] for text in texts])

    found = PairHead(PAIRS).advised(pairs, [1, 0, 0], wrong, LABELS, embed)
    alone: Any = PairHead(PAIRS).notes(pairs, wrong, LABELS)["ranking"]
    told: Any = found.notes(pairs, wrong, LABELS)["ranking"]
    assert (alone["mrr"], told["mrr"], told["likeness_weight"]) == (pytest.approx(1 / 3), 1, 0.75)
    unknown = PairHead(PAIRS).advised([], [], [], LABELS, embed).advice
    assert unknown and unknown.weight == UNKNOWN
    # How pairs are answered is the model's to say.
    assert found.decode(pairs, wrong, LABELS) == PairHead(PAIRS).decode(pairs, wrong, LABELS)


@given(
    st.lists(st.tuples(st.integers(1, 19), st.booleans()), min_size=12, max_size=40).filter(
        lambda rows: 5 <= sum(fits for _, fits in rows) <= len(rows) - 5
    )
)
def test_no_other_threshold_has_a_better_mean_of_both_f1(rows: list[tuple[int, bool]]) -> None:
    documents = judged(*(fits for _, fits in rows))
    chances = np.array([n / 20 for n, _ in rows])
    right = np.array([fits for _, fits in rows])
    found = PairHead(PAIRS).decided(documents, scores(*chances), LABELS).threshold
    every = [f1_score(right, chances >= n / 20, average="macro") for n in range(1, 20)]
    assert f1_score(right, chances >= found, average="macro") >= max(every) - 1e-9
