"""seqeval scores the same predictions, whatever labels are called, and is heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.spans.metrics import scoring, seqeval_check
from storage.types import Document, Span

WORDS = tuple((3 * n, 3 * n + 2) for n in range(8))
TEXT = " ".join(["ab"] * 8)
# seqeval alone would read the first three as one, and take some for prefixes.
LABELS = ("a", "-a", "a-", "B-a", "O", "_", "a b", "中\u2028")


def spans(*, fit: bool) -> st.SearchStrategy:
    """Draw spans that tags can hold, or any: within words, with spaces, one over another."""
    if not fit:
        drawn = st.tuples(st.integers(0, 22), st.integers(1, 9), st.sampled_from(LABELS))
        found = st.lists(drawn, max_size=5, unique=True)
        return found.map(lambda each: tuple(Span(at, at + size, name) for at, size, name in each))
    # A label a word, or none.
    words = st.lists(st.sampled_from([*LABELS, None]), min_size=8, max_size=8)
    return words.map(
        lambda each: tuple(Span(*WORDS[n], label) for n, label in enumerate(each) if label)
    )


def drawn(*, fit: bool) -> st.SearchStrategy:
    return st.lists(st.tuples(spans(fit=fit), spans(fit=fit)), max_size=6)


def asked(rows: list) -> tuple[list[Document], list]:
    return [Document(TEXT, WORDS, gold) for gold, _ in rows], [found for _, found in rows]


@given(drawn(fit=True))
def test_seqeval_agrees_with_the_report_whatever_labels_are_called(rows: list) -> None:
    documents, predicted = asked(rows)
    found = seqeval_check.check(documents, predicted)
    assert (found["agrees"], found["unfit"], found["differences"]) == (True, 0, [])
    entity = scoring.score(documents, predicted)["entity"]
    for theirs, ours in [
        (found["micro"], entity["micro"]),
        *((row, entity["labels"][name]) for name, row in found["labels"].items()),
    ]:
        assert theirs == {figure: pytest.approx(ours[figure]) for figure in theirs}
    assert found["labels"].keys() == entity["labels"].keys()


@given(drawn(fit=False))
def test_where_tags_cannot_hold_a_span_both_count_what_they_hold(rows: list) -> None:
    documents, predicted = asked(rows)
    found = seqeval_check.check(documents, predicted)
    assert (found["agrees"], found["differences"]) == (True, [])
    every = sum(len(gold) + len(guess) for gold, guess in rows)
    assert 0 <= found["unfit"] <= every
    assert found["micro"]["support"] <= sum(len(gold) for gold, _ in rows)


def test_spans_that_tags_cannot_hold_are_counted() -> None:
    cut, longer, inside = Span(0, 1, "a"), Span(3, 8, "a"), Span(3, 5, "b")
    found = seqeval_check.check([Document(TEXT, WORDS, (cut, longer, inside))], [[longer, inside]])
    assert (found["agrees"], found["unfit"], found["micro"]["support"]) == (True, 3, 1)
    assert found["labels"] == {"a": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}}


def test_where_nothing_is_labelled_there_is_nothing_to_disagree_about() -> None:
    for documents in ([], [Document("")], [Document(TEXT, WORDS)]):
        found = seqeval_check.check(documents, [()] * len(documents))
        assert found["agrees"] and found["micro"]["f1"] == found["micro"]["support"] == 0


def test_each_figure_that_differs_is_named_with_both_values() -> None:
    same = {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "support": 2}
    ours = {"": same, "a": {**same, "recall": 0.75, "f1": 2 / 3 + 1e-15}}
    assert list(seqeval_check.differences(ours, {"": same, "a": same})) == [
        {"label": "a", "figure": "recall", "ours": 0.75, "theirs": 0.5},
    ]
