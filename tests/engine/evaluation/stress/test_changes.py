"""An edited text: marks and tokens are where their words went."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.tokens import tokenize
from engine.evaluation.stress.changes import Edit, apply
from storage.types import Document, Span

WORDS = st.text("abcdeéß漢字1.,𝔄", min_size=1, max_size=4)


@st.composite
def edited(draw: st.DrawFn) -> tuple[Document, list[Edit]]:
    """A document with marks on whole tokens, and edits that cross no border."""
    text = " ".join(draw(st.lists(WORDS, min_size=1, max_size=8)))
    tokens = tokenize(text)
    cuts = sorted(draw(st.sets(st.integers(0, len(tokens)), max_size=6)))
    spans = [
        Span(tokens[first][0], tokens[last - 1][1], draw(st.sampled_from("XY")))
        for first, last in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    edits = []
    for start, end in tokens:
        kind = draw(st.integers(0, 4))
        if kind == 1:
            edits.append(Edit(start, end, draw(WORDS)))
        if kind == 2:
            words = " ".join(draw(st.lists(WORDS, min_size=1, max_size=2)))
            edits.append(Edit(start, end, words, tokenize(words)))
        if kind == 3 and not any(s.start <= start < s.end for s in spans):
            edits.append(Edit(start, end, "", ()))
        if kind == 4:
            word = draw(WORDS)
            edits.append(
                Edit(end, end, f" {word}", tuple((s + 1, e + 1) for s, e in tokenize(word)))
            )
    return Document(text, tokens, tuple(spans)), edits


def expected(document: Document, edits: list[Edit], start: int, end: int) -> str:
    """Edit a range of the text by hand; what stands inserted at its border is outside."""
    text, at = "", start
    for edit in edits:
        outside = edit.start == edit.end and edit.start in (start, end)
        if start <= edit.start and edit.end <= end and not outside:
            text, at = text + document.text[at : edit.start] + edit.text, edit.end
    return text + document.text[at:end]


@given(drawn=edited())
def test_under_every_mark_are_its_own_words_with_what_was_edited_in_them(drawn) -> None:
    document, edits = drawn
    changed = apply(document, edits)
    for before, after in zip(document.spans, changed.spans, strict=True):
        words = changed.text[after.start : after.end]
        assert words == expected(document, edits, before.start, before.end)
        assert after.label == before.label


@given(drawn=edited())
def test_tokens_stay_in_order_hold_no_space_and_cover_the_rest(drawn) -> None:
    changed = apply(*drawn)
    at = 0
    for start, end in changed.tokens:
        assert at <= start < end
        assert not any(sign.isspace() for sign in changed.text[start:end])
        assert not changed.text[at:start].strip()
        at = end
    assert not changed.text[at:].strip()
    borders = {start for start, _ in changed.tokens}, {end for _, end in changed.tokens}
    assert all(span.start in borders[0] and span.end in borders[1] for span in changed.spans)


def test_a_mark_of_the_whole_document_stays_what_it_is() -> None:
    document = Document("a b", ((0, 1), (2, 3)), (Span(0, 0, "odd"),), second_text="c")
    changed = apply(document, [Edit(0, 0, "so ", ((0, 2),))])
    assert (changed.text, changed.spans, changed.second_text) == ("so a b", document.spans, "c")
    assert changed.tokens == ((0, 2), (3, 4), (5, 6))


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([Edit(0, 3, "x"), Edit(2, 4, "y")], "overlap"),
        ([Edit(2, 6, "x", ())], "cross the border"),
        ([Edit(4, 7, "", ())], "leave something"),
        ([Edit(4, 6, "x", ((0, 1),))], "replace whole tokens"),
        ([Edit(5, 5, "x", ((0, 1),))], "replace whole tokens"),
        ([Edit(0, 3, "")], "leave something"),
    ],
)
def test_what_could_not_be_carried_over_is_refused(edits: list[Edit], said: str) -> None:
    document = Document("Ada met Bob", ((0, 3), (4, 7), (8, 11)), (Span(4, 7, "X"),))
    with pytest.raises(ValueError, match=said):
        apply(document, edits)
