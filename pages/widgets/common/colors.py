"""Label colours: whether one is seen on a light and a dark page, and how it will look there.

Mixes as the tagger does (tagger/labels/colors.js), so that a preview shows what will be there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Literal

import streamlit as st

TEXT_CONTRAST = 4.5
LINE_CONTRAST = 3.0
Color = tuple[int, int, int]
# The colours of badges, by Streamlit's names.
Shade = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Theme:
    """A page's background and text, and how strongly a label colours the text's background."""

    name: str
    background: Color
    text: Color
    strength: float


# Those of .streamlit/config.toml, and the strengths of tagger/labels/colors.js.
LIGHT = Theme("light", (253, 252, 249), (11, 18, 20), 0.16)
DARK = Theme("dark", (20, 25, 28), (236, 232, 223), 0.3)


def current() -> Theme:
    """Return the theme of the page in use."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def of_theme(name: str) -> str:
    """Return a colour that .streamlit/config.toml names, as the page in use has it."""
    return st.get_option(f"theme.{current().name}.{name}")


def parse(color: str) -> Color:
    """Return the parts of "#rrggbb"; raises ValueError for anything else."""
    if len(color) != 7 or color[0] != "#":
        raise ValueError(f"{color!r} is no colour")
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def contrast(one: Color, two: Color) -> float:
    """Return the WCAG contrast ratio of two colours."""
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


def poor_on(color: str) -> list[str]:
    """Name the themes on whose page a line of this colour is hard to see."""
    seen = parse(color)
    return [t.name for t in (LIGHT, DARK) if contrast(seen, t.background) < LINE_CONTRAST]


def nearest_good(color: str) -> str:
    """Return the colour, or where it is poor the one nearest to it that is seen on both pages."""
    base = parse(color)
    for step in range(101):
        for end in (WHITE, BLACK):
            mixed = css(_mix(base, end, step / 100))
            if not poor_on(mixed):
                return mixed
    raise AssertionError("a grey passes")


def chip(name: str, color: str, theme: Theme) -> str:
    """Return a label's name as HTML that looks as a span of it does in the tagger."""
    tint, line = shade(color, theme)
    return (
        f'<span style="background:{css(tint)};color:{css(theme.text)};'
        f"border-bottom:3px solid {css(line)};border-radius:4px;padding:1px 8px;"
        f'overflow-wrap:anywhere">{escape(name)}</span>'
    )


def shade(color: str, theme: Theme) -> tuple[Color, Color]:
    """Return the tint behind a label's text and the line under it."""
    base = parse(color)
    strongest = _mix(theme.background, base, theme.strength)
    tint = _approach(
        strongest, theme.background, lambda c: contrast(theme.text, c) >= TEXT_CONTRAST
    )
    line = _approach(base, theme.text, lambda c: contrast(c, theme.background) >= LINE_CONTRAST)
    return tint, line


def css(color: Color) -> str:
    """Return a colour as "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def _approach(start: Color, end: Color, passes: Callable[[Color], bool]) -> Color:
    steps = (_mix(start, end, step / 20) for step in range(20))
    return next(filter(passes, steps), end)


def _mix(start: Color, end: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def _luminance(color: Color) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (part / 255 for part in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
