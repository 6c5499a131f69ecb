"""What the task of pairs says of matches and of equal texts."""

from __future__ import annotations

from dataclasses import replace

from engine.evaluation import ranking
from engine.exports import contents
from engine.tasks.pairs.task import PAIRS
from storage.types import Span, Split
from tests.engine.tasks.pairs.corpus import corpus, pair


def test_facts_know_both_texts_and_whether_the_left_one_was_learned_from() -> None:
    train = [pair("q", "a b", "match", id=1), pair("r", "a", "no match", id=2, group="g")]
    asked = [
        pair("q", "one two three", "match", id=3),
        pair("z", "a", "match", id=4),
        pair("other words", "a", "match", id=5, group="g"),
    ]
    predicted = [(Span(0, 0, "no match"),), (Span(0, 0, "match"),), (Span(0, 0, "match"),)]
    matches = PAIRS.match(asked, predicted)
    found = PAIRS.facts(asked, matches, iter(train))
    assert [(each.error, each.document_length, each.seen) for each in found] == [
        ("type", 4, True),
        ("", 2, False),
        ("", 3, True),
    ]


def test_the_headline_stands_beside_how_candidates_are_ordered_where_that_can_be_told() -> None:
    asked = [document for document in corpus() if document.split is Split.TEST]
    predicted = [document.spans for document in asked]
    matches = PAIRS.match(asked, predicted)
    names = ("mrr", "ndcg@10")
    ranked = dict.fromkeys(ranking.MEASURES, 0.5) | {"queries": 3}
    for told, there in ((ranked, True), (dict.fromkeys(ranking.MEASURES), False)):
        scores = PAIRS.score(asked, predicted, matches, {"ranking": told})
        over = {each.name: each.over for each in contents.headline(scores)}
        assert over["macro"] == f"over {len(asked)} pairs"
        assert {over.get(name) for name in names} == {"over 3 left texts" if there else None}
        assert PAIRS.printed(scores)["ranking"] == told


def test_one_pair_with_two_answers_is_inconsistent_also_the_other_way_around() -> None:
    same = [pair("Left", "right", "match", id=1), pair("left ", "right", "no match", id=2)]
    turned = replace(same[1], text="right", second_text="Left", id=3)
    others = [pair("left", "elsewhere", "no match", id=4)]
    (found,) = PAIRS.inconsistencies([same[0], turned, *others])
    assert [place.document for place in found.places] == [1, 3]
    assert "left" in found.words and "right" in found.words
    (found,) = PAIRS.inconsistencies([*same, *others])
    assert [place.document for place in found.places] == [1, 2]
