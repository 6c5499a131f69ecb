"""How well candidates are ordered: trec_eval's figures."""

from __future__ import annotations

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation import ranking
from engine.evaluation.ranking import Candidates

THEIRS = {
    "mrr": "recip_rank",
    "map": "map",
    "ndcg@10": "ndcg_cut_10",
    "recall@1": "recall_1",
    "recall@10": "recall_10",
}
# Few scores, so that many are equal; some differ by less than single precision.
SCORES = st.sampled_from([0.0, 0.25, 0.5, 0.5 + 1e-9, 0.75, 1.0])
QUESTIONS = st.lists(
    st.dictionaries(
        st.integers(1, 300), st.tuples(st.integers(0, 3), SCORES), min_size=1, max_size=25
    ),
    min_size=1,
    max_size=6,
)


def question(number: int, rows: dict[int, tuple[int, float]]) -> Candidates:
    grades, scores = zip(*rows.values(), strict=True)
    return Candidates(f"q{number}", f"text {number}", list(rows), grades, scores)


@given(QUESTIONS)
def test_the_figures_are_those_of_trec_eval(every: list[dict[int, tuple[int, float]]]) -> None:
    judged = {
        f"q{n}": {str(id): grade for id, (grade, _) in rows.items()} for n, rows in enumerate(every)
    }
    run = {
        f"q{n}": {str(id): score for id, (_, score) in rows.items()} for n, rows in enumerate(every)
    }
    names = {"recip_rank", "map", "ndcg_cut_10", "recall_1", "recall_10"}
    theirs = pytrec_eval.RelevanceEvaluator(judged, names).evaluate(run)
    questions = [question(*each) for each in enumerate(every)]
    for each in questions:
        ours = ranking.measure([each.grades[place] for place in each.order()])
        for name, their in THEIRS.items():
            assert ours[name] == pytest.approx(theirs[each.key][their], abs=1e-9)
    found = ranking.summarize(questions)
    if any(len(rows) > 1 for rows in every):
        for name, their in THEIRS.items():
            mean = np.mean([figures[their] for figures in theirs.values()])
            assert found[name] == pytest.approx(mean, abs=1e-9)


def test_of_equal_scores_the_name_that_sorts_last_comes_first() -> None:
    ids = [9, 10, 8]
    each = Candidates("q", "q", ids, [1, 0, 0], [0.5, 0.5, 0.5])
    assert [ids[place] for place in each.order()] == [9, 8, 10]


def test_one_candidate_each_is_no_order_and_the_report_says_so() -> None:
    found = ranking.summarize([question(n, {n: (1, 0.5)}) for n in range(3)])
    assert found["mrr"] is None and found["queries"] == found["single"] == 3
    assert "no order" in found["about"]


def test_the_worst_questions_come_first_with_their_candidates_as_they_were_ranked() -> None:
    good = question(1, {1: (1, 0.9), 2: (0, 0.1)})
    bad = question(2, {3: (0, 0.9), 4: (0, 0.8), 5: (1, 0.1)})
    fair = question(3, {6: (0, 0.9), 7: (1, 0.8)})
    none = question(4, {8: (0, 0.9), 9: (0, 0.8)})
    found = ranking.summarize([good, bad, fair, none])
    assert [(row["text"], row["documents"]) for row in found["worst"]] == [
        ("text 2", [3, 4, 5]),
        ("text 3", [6, 7]),
    ]
    assert found["unanswered"] == 1 and "1 of 4" in found["about"]
