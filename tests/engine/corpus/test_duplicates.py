"""Groups of documents that are the same, or nearly: found as comparing all with all would."""

import random

import pytest

from engine.corpus import duplicates, near_duplicates
from engine.corpus.duplicates import Group, Text
from storage.types import Split


def found(*texts: Text, **how) -> list[Group]:
    known = {each.id: each.text for each in texts}
    return duplicates.find(texts, lambda ids: {id: known[id] for id in ids}, **how)


def test_equal_texts_and_texts_equal_but_for_case_signs_and_digits_are_together() -> None:
    groups = found(
        Text(1, "Where is my card?", Split.TRAIN),
        Text(2, "Nothing like it", Split.TRAIN),
        Text(3, "where is my card", Split.TEST),
        Text(5, "Order 12 is late", Split.DEV),
        Text(8, "Order 12 is late", Split.DEV),
        Text(9, "...", Split.TRAIN),
        Text(10, "!", Split.TRAIN),
    )
    assert groups == [
        Group((1, 3), 2, ("train", "test"), 1.0, exact=False),
        Group((5, 8), 2, ("dev",), 1.0, exact=True),
    ]
    assert [each.across for each in groups] == [True, False]


def test_what_is_in_no_split_may_be_trained_on() -> None:
    (group,) = found(Text(1, "Ada met Bob", None), Text(2, "Ada met Bob", Split.TRAIN))
    assert group.splits == ("train",) and not group.across


@pytest.mark.parametrize("seed", range(3))
def test_they_are_those_that_comparing_all_with_all_finds(seed: int) -> None:
    draw = random.Random(seed)
    vocabulary = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200)]
    texts = []
    for number in range(120):
        words = draw.choices(vocabulary, k=24)
        texts.append(" ".join(words))
        if number % 3 == 0:
            words[draw.randrange(24)] = "changed"
            texts.append(" ".join(words))
    draw.shuffle(texts)
    given = [Text(id, text) for id, text in enumerate(texts)]
    index = near_duplicates.Index.of((each.id, each.text) for each in given)
    pairs = {frozenset((each.id, like.id)) for each in given for like in index.like(each.id)}
    groups = found(*given)
    assert len(groups) == 40 and {frozenset(each.members) for each in groups} == pairs
    for group in groups:
        likes = {like.id: like.share for like in index.like(group.members[0])}
        assert group.share == likes[group.members[1]]
    assert found(*given) == groups


def test_many_equal_texts_are_one_group_of_which_some_are_named() -> None:
    (group,) = found(*(Text(id, "the same") for id in range(1_000)))
    assert group.size == 1_000 and group.members == tuple(range(duplicates.NAMED)) and group.exact


def test_none_are_none_and_a_search_can_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found() == found(Text(1, "")) == []

    def stop(done: int) -> None:
        raise InterruptedError(str(done))

    monkeypatch.setattr(duplicates, "AT_ONCE", 2)
    with pytest.raises(InterruptedError, match="2"):
        found(*(Text(id, f"text {id}") for id in range(9)), progress=stop)
