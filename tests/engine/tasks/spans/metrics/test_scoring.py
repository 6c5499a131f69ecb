"""Scores agree with seqeval and scikit-learn to the last digit, and every count adds up."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval import metrics, scheme
from sklearn.metrics import accuracy_score, classification_report, precision_recall_fscore_support

from engine.evaluation.confusion import confuse
from engine.tasks.spans.metrics import levels, scoring
from engine.tasks.spans.tagging.schemes import decode
from storage.types import Document, ErrorKind, Span
from tests.engine import tiny

LABELS = ("LOC", "ORG", "PER-x")
TAGS = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))


def mend(tags: list[str]) -> list[str]:
    """Make a tag sequence valid IOB2 by beginning what has no beginning."""
    before, mended = "O", []
    for tag in tags:
        fits = tag[0] != "I" or before[1:] == tag[1:]
        mended.append(tag if fits else "B" + tag[1:])
        before = mended[-1]
    return mended


def spans_of(tags: list[str]) -> tuple[Span, ...]:
    """Return spans over one-letter tokens joined by spaces."""
    return tuple(Span(2 * first, 2 * last - 1, label) for first, last, label in decode(tags))


def document_of(tags: list[str], number: int | None = None) -> Document:
    bounds = tuple((2 * i, 2 * i + 1) for i in range(len(tags)))
    return Document(" ".join("w" * len(tags)), bounds, spans_of(tags), id=number)


def judged(gold: list[list[str]], predicted: list[list[str]]) -> dict:
    documents = [document_of(tags, number) for number, tags in enumerate(gold, start=1)]
    return scoring.score(documents, [spans_of(tags) for tags in predicted])


tag_pairs = st.lists(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(
            *[st.lists(st.sampled_from(TAGS), min_size=n, max_size=n).map(mend)] * 2
        )
    ),
    min_size=1,
    max_size=8,
)


def row_of(figures: Iterable) -> tuple:
    return tuple(float(figure) for figure in figures)


@given(tag_pairs)
def test_entities_agree_with_seqeval_default_and_strict(pairs: list) -> None:
    gold, predicted = [list(column) for column in zip(*pairs, strict=True)]
    ours = judged(gold, predicted)["entity"]
    if not ours["labels"]:
        assert ours["micro"]["f1"] == ours["macro"]["f1"] == ours["weighted"]["f1"] == 0.0
        return
    for mode in ({}, {"mode": "strict", "scheme": scheme.IOB2}):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = metrics.classification_report(gold, predicted, output_dict=True, **mode)
        theirs = {name.removesuffix(" avg"): values for name, values in report.items()}
        mine = {**ours["labels"], **{name: ours[name] for name in ("micro", "macro", "weighted")}}
        assert mine.keys() == theirs.keys()
        for name, row in mine.items():
            assert row["precision"] == theirs[name]["precision"]
            assert row["recall"] == theirs[name]["recall"]
            assert row["f1"] == theirs[name]["f1-score"]
            assert row["support"] == theirs[name]["support"]


@given(tag_pairs)
def test_tokens_agree_with_scikit_learn(pairs: list) -> None:
    gold, predicted = (list(chain(*column)) for column in zip(*pairs, strict=True))
    ours = judged(*[list(column) for column in zip(*pairs, strict=True)])["token"]
    tags = sorted({*gold, *predicted})
    theirs = precision_recall_fscore_support(gold, predicted, labels=tags, zero_division=0)
    assert list(ours["labels"]) == tags
    for tag, *figures in zip(tags, *theirs, strict=True):
        row = ours["labels"][tag]
        assert (row["precision"], row["recall"], row["f1"], row["support"]) == row_of(figures)
    for average in ("micro", "macro", "weighted"):
        figures = precision_recall_fscore_support(
            gold, predicted, labels=tags, average=average, zero_division=0
        )
        row = ours[average]
        assert (row["precision"], row["recall"], row["f1"]) == row_of(figures[:3])
        assert row["support"] == len(gold)
    assert ours["accuracy"] == accuracy_score(gold, predicted)


@given(tag_pairs)
def test_confusion_rows_and_columns_add_up_to_support_and_predictions(pairs: list) -> None:
    result = judged(*[list(column) for column in zip(*pairs, strict=True)])
    labels, counts = result["confusion"]["labels"], result["confusion"]["counts"]
    assert labels == sorted(result["entity"]["labels"])
    assert len(counts) == len(labels) + 1
    assert counts[-1][-1] == 0
    for index, label in enumerate(labels):
        row = result["entity"]["labels"][label]
        assert sum(counts[index]) == row["support"]
        assert sum(line[index] for line in counts) == row["predicted"]
        exact = result["confusion"]["exact"][index]
        assert exact <= counts[index][index]
        assert row["recall"] == (exact / row["support"] if row["support"] else 0.0)


@given(tag_pairs)
def test_a_report_tells_of_both_levels_and_they_are_read_out_of_it_again(pairs: list) -> None:
    found = judged(*[list(column) for column in zip(*pairs, strict=True)])
    scores = levels.to_scores({**found, "loss": 0.5})
    assert levels.to_levels(scores) == {**found, "loss": 0.5}
    assert levels.upgraded({"dev": None, "test": found}) == {
        "dev": None,
        "test": levels.to_scores(found),
    }
    assert levels.upgraded({"test": scores, "loss": 0.5}) == {"test": scores, "loss": 0.5}
    confusion, (labels, tokens) = scores["confusion"], scores["tables"]
    assert [row["label"] for row in labels["rows"]] == confusion["labels"]
    assert {row["label"] for row in tokens["rows"]} <= {*confusion["labels"], None}


@given(tag_pairs)
def test_each_cell_holds_as_many_matches_as_it_says(pairs: list) -> None:
    gold, predicted = [list(column) for column in zip(*pairs, strict=True)]
    documents = [document_of(tags, number) for number, tags in enumerate(gold)]
    found = scoring.match_documents(documents, [spans_of(tags) for tags in predicted])
    table = confuse(found)
    names = [*table["labels"], None]
    for i, gold_label in enumerate(names):
        for j, predicted_label in enumerate(names):
            rows = [
                match
                for match in found
                if (match.gold.label if match.gold else None) == gold_label
                and (match.predicted.label if match.predicted else None) == predicted_label
            ]
            assert len(rows) == table["counts"][i][j]


spans = st.lists(
    st.tuples(st.integers(0, 15), st.integers(1, 6), st.sampled_from("ab")),
    max_size=8,
    unique=True,
).map(lambda found: [Span(start, start + length, label) for start, length, label in found])


@given(spans, spans)
def test_matching_is_one_to_one_and_loses_nothing(gold: list[Span], predicted: list[Span]) -> None:
    matches = scoring.match_spans(gold, predicted)
    assert sorted(g for g, _ in matches if g) == sorted(gold)
    assert sorted(p for _, p in matches if p) == sorted(predicted)
    exact = {(g.start, g.end, g.label) for g in gold} & {
        (p.start, p.end, p.label) for p in predicted
    }
    assert sum(g == p for g, p in matches) == len(exact)
    missed = [g for g, p in matches if p is None]
    spurious = [p for g, p in matches if g is None]
    assert not any(g.start < p.end and p.start < g.end for g in missed for p in spurious)


def test_an_exact_match_comes_before_a_larger_overlap() -> None:
    gold = [Span(0, 10, "a"), Span(2, 4, "b")]
    predicted = [Span(2, 4, "b")]
    assert scoring.match_spans(gold, predicted) == [(gold[0], None), (gold[1], predicted[0])]


def test_the_largest_overlap_is_matched_first_and_ties_go_left() -> None:
    gold = [Span(0, 10, "a")]
    small, large = Span(0, 4, "a"), Span(4, 10, "b")
    assert scoring.match_spans(gold, [small, large]) == [(None, small), (gold[0], large)]
    left, right = Span(0, 5, "b"), Span(5, 10, "b")
    for given_in in ([right, left], [left, right]):
        assert scoring.match_spans(gold, given_in) == [(gold[0], left), (None, right)]


@pytest.mark.parametrize(
    ("gold", "predicted", "kind"),
    [
        (Span(0, 4, "a"), Span(0, 4, "a"), ErrorKind.EXACT),
        (Span(0, 4, "a"), Span(0, 5, "a"), ErrorKind.BOUNDARY),
        (Span(0, 4, "a"), Span(0, 4, "b"), ErrorKind.TYPE),
        (Span(0, 4, "a"), Span(1, 4, "b"), ErrorKind.TYPE_AND_BOUNDARY),
        (Span(0, 4, "a"), None, ErrorKind.MISSED),
        (None, Span(0, 4, "a"), ErrorKind.SPURIOUS),
    ],
)
def test_every_difference_has_its_name(gold: Span, predicted: Span, kind: ErrorKind) -> None:
    assert scoring.judge(gold, predicted) == kind


def test_the_diagonal_says_how_many_of_it_are_exact() -> None:
    result = judged([["B-LOC", "I-LOC", "O", "B-LOC"]], [["B-LOC", "O", "O", "B-LOC"]])
    assert result["confusion"] == {"labels": ["LOC"], "counts": [[2, 0], [0, 0]], "exact": [1]}


def test_predicting_nothing_scores_no_entity_however_high_the_accuracy() -> None:
    result = judged([["O"] * 19 + ["B-LOC"]], [["O"] * 20])
    assert result["token"]["accuracy"] == 0.95
    assert result["entity"]["micro"]["f1"] == 0.0


def test_token_accuracy_and_entity_f1_are_different_figures() -> None:
    # 1,000 tokens, 100 entities of two tokens, 27 of which lose their second token.
    gold = [["B-LOC", "I-LOC", *["O"] * 8] for _ in range(100)]
    predicted = [["B-LOC", "O" if i < 27 else "I-LOC", *["O"] * 8] for i in range(100)]
    result = judged(gold, predicted)
    assert result["token"]["accuracy"] == 0.973
    assert result["token"]["micro"]["f1"] == 0.973
    assert result["entity"]["micro"]["f1"] == pytest.approx(0.73)


def test_matches_name_documents_by_id_or_by_place() -> None:
    tags = ["B-LOC"]
    assert [p.document for p in scoring.match_documents([document_of(tags, 9)], [()])] == [9]
    assert [p.document for p in scoring.match_documents([document_of(tags)], [()])] == [0]


def test_a_span_that_tags_cannot_hold_still_counts_as_an_entity() -> None:
    document = tiny.document("Parisian life", (0, 5, "LOC"))
    result = scoring.score([document], [()])
    assert result["entity"]["micro"]["support"] == 1
    assert result["token"]["labels"].keys() == {"O"}


def test_the_token_table_has_the_classic_layout() -> None:
    gold = [["B-LOC", "I-LOC", "O"], ["O", "B-PER-x"]]
    predicted = [["B-LOC", "O", "O"], ["O", "B-PER-x"]]
    flat = [sum(tags, []) for tags in (gold, predicted)]
    tags = sorted(set(flat[0]))
    theirs = classification_report(
        *flat, labels=[*tags, "unused"], digits=3, zero_division=0
    ).splitlines()
    ours = scoring.format_token_report(judged(gold, predicted)["token"]).splitlines()
    assert ours[0] == theirs[0]
    assert [line.split() for line in ours[2:6]] == [line.split() for line in theirs[2:6]]
    assert ours[6] == ""
    assert [line.split()[:2] for line in ours[7:]] == [
        ["micro", "avg"],
        ["macro", "avg"],
        ["weighted", "avg"],
    ]
    assert ours[7].split()[2:] == ["0.800", "0.800", "0.800", "5"]


def test_two_long_documents_are_matched_quickly() -> None:
    gold = [Span(5 * i, 5 * i + 4, "a") for i in range(20_000)]
    predicted = [Span(5 * i + 1, 5 * i + 4, "a") for i in range(20_000)]
    matches = scoring.match_spans(gold, predicted)
    assert all(g and p and p.start == g.start + 1 for g, p in matches)
