"""Documents to windows: every token has one labelled place, whatever its length and its pieces."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.examples import IGNORED
from engine.encoding.word_pieces import prepare
from engine.tasks.spans.tagging.encoding import encode, tag_names
from storage.errors import InputError
from storage.types import Document
from tests.engine import tiny
from tests.engine.tiny import document

READY = {kind: prepare(make()) for kind, make in tiny.KINDS.items()}
every_kind = pytest.mark.parametrize("kind", sorted(READY))
LABELS = ("person", "place")


def tags_of(documents: list[Document], kind: str, length: int = 24, stride: int = 8) -> list:
    """Put the tags of all windows back onto the tokens; fails where one has two places or none."""
    tags: list[list[str | None]] = [[None] * len(item.tokens) for item in documents]
    for window in encode(documents, READY[kind], LABELS, length, stride):
        for word, tag in zip(window.units, window.targets, strict=True):
            assert tags[window.document][word] is None
            tags[window.document][word] = tag_names(LABELS)[tag] if tag != IGNORED else "?"
    assert all(tag is not None for row in tags for tag in row)
    return tags


words = st.one_of(
    st.text(min_size=1, max_size=6),
    st.sampled_from(
        ["\u200b", "\u00ad", "\ufe0f", "漢字", "👩‍👩‍👧", "x" * 300, "[SEP]", "a\u200b"]
    ),
)
texts = st.lists(words, max_size=30).map(lambda parts: " ".join(" ".join(parts).split()))


@every_kind
@given(texts=st.lists(texts, min_size=1, max_size=4), data=st.data())
def test_every_token_has_exactly_one_place_and_its_own_tag(
    kind: str, texts: list[str], data: st.DataObject
) -> None:
    documents, expected = [], []
    for text in texts:
        item, tags, at = document(text), [], 0
        spans = []
        while at < len(item.tokens):
            size = data.draw(st.integers(1, 3))
            label = data.draw(st.sampled_from((None, *LABELS)))
            last = min(at + size, len(item.tokens))
            if label:
                spans.append((item.tokens[at][0], item.tokens[last - 1][1], label))
            rest = [f"I-{label}" if label else "O"] * (last - at - 1)
            tags += [f"B-{label}" if label else "O", *rest]
            at = last
        documents.append(document(text, *spans))
        expected.append(tags)
    assert tags_of(documents, kind) == expected


@every_kind
@given(counts=st.lists(st.integers(1, 12), max_size=60), data=st.data())
def test_windows_fit_their_length_and_hold_the_first_piece_of_every_word_of_theirs(
    kind: str, counts: list[int], data: st.DataObject
) -> None:
    length = data.draw(st.integers(16, 40))
    stride = data.draw(st.integers(0, length // 2))
    text = document(" ".join("Ab" * count for count in counts))
    ready = READY[kind]
    for window in encode([text], ready, LABELS, length, stride):
        assert len(window.pieces) <= length
        assert window.pieces[: len(ready.prefix)] == ready.prefix
        assert window.pieces[len(window.pieces) - len(ready.suffix) :] == ready.suffix
        assert list(window.units) == sorted(window.units)
        assert all(
            len(ready.prefix) <= head < len(window.pieces) - len(ready.suffix)
            for head in window.places
        )


def test_in_an_overlap_a_word_belongs_where_it_has_more_context() -> None:
    text = document(" ".join(["a"] * 60))
    windows = encode([text], READY["wordpiece"], LABELS, 22, 10)
    for window in windows:
        room = len(window.pieces) - 2
        for word, head in zip(window.units, window.places, strict=True):
            left, right = head - 1, room - head
            assert min(left if word >= 10 else 99, right if word < 50 else 99) >= 4
    assert len(windows) == 5


def test_a_document_of_two_thousand_words_keeps_its_entities_at_both_ends_and_between() -> None:
    words = ["word"] * 2000
    places = (5, 600, 1990)
    for place in places:
        words[place] = "Paris"
    spans = [(5 * p + sum(q < p for q in places), 0, "place") for p in places]
    text = document(" ".join(words), *[(s, s + 5, label) for s, _, label in spans])
    (tags,) = tags_of([text], "wordpiece", length=128, stride=32)
    assert [index for index, tag in enumerate(tags) if tag == "B-place"] == list(places)
    assert len(tags) == 2000


def test_tokens_of_a_span_that_cannot_be_learned_are_passed_over_and_not_outside() -> None:
    text = document("in Parisian life", (3, 8, "place"))
    assert tags_of([text], "wordpiece") == [["O", "?", "O"]]


def test_of_overlapping_spans_the_longer_is_learned_whole() -> None:
    text = document("New York City", (4, 13, "place"), (0, 8, "place"), (0, 13, "place"))
    assert tags_of([text], "wordpiece") == [["B-place", "I-place", "I-place"]]


def test_an_empty_document_has_no_window() -> None:
    assert encode([Document("")], READY["wordpiece"], LABELS, 16, 4) == []


def test_a_label_that_is_no_class_of_the_model_has_no_known_tag() -> None:
    text = document("Paris and Elbe", (0, 5, "place"), (10, 14, "river"))
    assert tags_of([text], "wordpiece") == [["B-place", "O", "?"]]


def test_a_window_without_room_is_refused() -> None:
    wide = replace(READY["wordpiece"], prefix=(2,) * 8)
    with pytest.raises(InputError, match="leaves no room for words"):
        encode([document("Paris")], wide, LABELS, 10, 4)
