"""One spelling for texts that a search should not tell apart."""

from __future__ import annotations

from unicodedata import normalize


def fold(text: str) -> str:
    """Return text in one case, and with one way to write each accented character."""
    return normalize("NFC", normalize("NFC", text).casefold())


def fold_document(text: str, name: str, second: str | None = None) -> str:
    """Return what a search looks through: text, second text, name, each on lines of its own."""
    return "\n".join(fold(each) for each in (text, second, name) if each is not None)
