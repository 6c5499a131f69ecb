"""Sentences are drawn as text: nothing a file says is ever markup."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from pages.widgets.common.errors import literal
from pages.widgets.common.spans import draw_rows
from storage.types import Span


def visible(html: str) -> str:
    """Strip the markup as a browser would, labels excluded."""
    body = re.sub(r"<style>.*?</style>|<small>.*?</small>", "", html, flags=re.S)
    return unescape(re.sub(r"<[^>]*>", "", body))


def test_hostile_text_and_labels_are_shown_literally() -> None:
    text = "<script>alert(1)</script> & <b>bold</b>"
    html = draw_rows(text, [("Gold", [Span(0, 8, '"><img src=x>')], None)], {})
    assert "<script>" not in html
    assert "<img" not in html
    assert visible(html) == "Gold" + text


@given(st.text(min_size=1, max_size=60), st.data())
def test_drawing_never_changes_the_text(text: str, data: st.DataObject) -> None:
    border = st.integers(0, len(text))
    ranges = data.draw(st.lists(st.tuples(border, border), max_size=5))
    spans = [Span(min(r), max(r), "X") for r in ranges if min(r) < max(r)]
    html = draw_rows(text, [("", spans, spans[0] if spans else None)], {"X": "#123456"})
    assert visible(html) == text


def test_the_span_in_focus_is_drawn_even_where_it_overlaps_others() -> None:
    focus = Span(4, 9, "ORG")
    html = draw_rows("the Bank of England", [("Gold", [Span(0, 19, "LOC"), focus], focus)], {})
    assert "ws-focus" in html


def test_a_long_text_is_cut_around_the_span_in_focus() -> None:
    text = "a " * 1000 + "Paris" + " b" * 1000
    focus = Span(2000, 2005, "LOC")
    html = draw_rows(text, [("Gold", [focus], focus)], {})
    assert "Paris" in visible(html)
    assert len(visible(html)) < 500


def test_markdown_in_a_message_is_escaped() -> None:
    assert literal("[x](javascript) $z$") == "\\[x\\]\\(javascript\\) \\$z\\$"
