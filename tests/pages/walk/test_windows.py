"""How much of a text a row shows: always its place, some words around it, never much more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.tokens import tokenize
from pages.widgets.walk import windows
from storage.types import Document, Span

WORDS = st.lists(st.sampled_from(["word", "上海", "👩‍🚒", "a", "x" * 400, "שלום"]), max_size=300)


def document(text: str) -> Document:
    return Document(text, tokenize(text))


def test_a_short_text_is_shown_whole() -> None:
    text = "Ada met Bob in London."
    assert windows.of(document(text), [Span(0, 3, "PER")]) == (0, len(text))


def test_of_a_long_one_thirty_words_on_either_side_are_shown() -> None:
    text = " ".join(["before"] * 200 + ["HERE"] + ["after"] * 200)
    place = text.index("HERE")
    start, end = windows.of(document(text), [Span(place, place + 4, "PER")])
    assert text[start:end].split() == ["before"] * 30 + ["HERE"] + ["after"] * 30


def test_two_places_are_shown_with_all_that_is_between_them() -> None:
    text = " ".join(f"w{n}" for n in range(400))
    one, two = text.index("w100"), text.index("w120")
    start, end = windows.of(document(text), [Span(two, two + 4, "A"), Span(one, one + 4, "B")])
    assert text[start:end].split() == [f"w{n}" for n in range(70, 151)]


@given(words=WORDS, at=st.integers(0, 10**6), size=st.integers(1, 500), spaced=st.booleans())
def test_the_place_is_shown_and_little_more(
    words: list[str], at: int, size: int, spaced: bool
) -> None:
    text = (" " if spaced else "").join(words)
    if not text:
        return
    start = at % len(text)
    end = min(start + size, len(text))
    first, last = windows.of(document(text), [Span(start, end, "PER")])
    assert 0 <= first <= start < end <= last <= len(text)
    most = 2 * windows.LONGEST
    assert last - first <= max(most, end - start + most + 2 * windows.AROUND)
