"""Texts in HTML and SVG: escaped once, here."""

from __future__ import annotations

from html import escape

from engine.exports.plain import plain


def text(value: str) -> str:
    """Return a text as it may stand between tags, or in the quotes of an attribute."""
    return escape(plain(value))


def name(value: str) -> str:
    """Return a name that somebody gave: its direction of writing turns nothing else around."""
    return f"<bdi>{text(value)}</bdi>"
