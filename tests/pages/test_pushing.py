"""Words that pushed a decision: drawn as strongly as they pushed, told in words, never markup."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.tokens import tokenize
from engine.inference.model_client import Pushes
from pages.widgets.pushing import drawing
from storage.types import Document


def made(text: str, second: str | None = None) -> Document:
    return Document(text, tokenize(text), second_text=second)


@given(st.text(max_size=40), st.text(max_size=20), st.data())
def test_drawing_never_changes_the_texts(text: str, second: str, data: st.DataObject) -> None:
    document = made(text, second or None)
    number = st.floats(-9, 9)
    first = data.draw(st.tuples(*[number] * len(document.tokens)))
    other = data.draw(st.tuples(*[number] * len(tokenize(second))))
    html = drawing.draw(document, Pushes("x", first, other if second else ()))
    assert unescape(re.sub(r"<[^>]*>", "", html)) == text + second


def test_the_strongest_word_is_one_and_what_stands_for_nothing_is_not_drawn() -> None:
    document = made("<b>Refund my card</b>!")
    places = {document.text[start:end]: at for at, (start, end) in enumerate(document.tokens)}
    pushes = [0.0] * len(document.tokens)
    pushes[places["Refund"]], pushes[places["card"]], pushes[places["my"]] = 4.0, -2.0, 0.01
    html = drawing.draw(document, Pushes("refund", tuple(pushes)))
    assert "<b>" not in html
    assert html.count("ws-for") == html.count("ws-against") == 1
    assert "--w:1.00" in html
    assert "--w:0.50" in html
    said = drawing.in_words("refund", *drawing.most(document, Pushes("refund", tuple(pushes))))
    assert said == "For refund: refund +1.00. Against refund: card −0.50."
