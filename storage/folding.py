"""One spelling for texts that a search should not tell apart."""

from __future__ import annotations

from unicodedata import normalize


def fold(text: str) -> str:
    """Return text in one case, and with one way to write each accented character."""
    return normalize("NFC", normalize("NFC", text).casefold())


def fold_document(text: str, name: str) -> str:
    """Return what a search looks through: the text and, on a line of its own, the name."""
    return f"{fold(text)}\n{fold(name)}"
