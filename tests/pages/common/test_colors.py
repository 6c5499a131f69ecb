"""A colour is good where it is seen on a light and on a dark page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.widgets.common.colors import DARK, LIGHT, contrast, nearest_good, parse, poor_on, shade

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("color", "themes"), [("#ffff00", ["light"]), ("#000080", ["dark"]), ("#0e7490", [])]
)
def test_it_is_said_where_a_colour_is_hard_to_see(color, themes):
    assert poor_on(color) == themes


@given(COLORS)
def test_the_nearest_good_colour_is_good_and_a_good_one_is_kept(color):
    better = nearest_good(color)
    assert poor_on(better) == []
    assert better == color or poor_on(color)


@given(COLORS)
def test_any_colour_is_legible_in_the_preview(color):
    for theme in (LIGHT, DARK):
        tint, line = shade(color, theme)
        assert contrast(theme.text, tint) >= 4.5
        assert contrast(line, theme.background) >= 3


def test_what_is_no_colour_is_refused():
    with pytest.raises(ValueError, match="no colour"):
        parse("red")
