"""Numbers in words: how many of something."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Say how many: ``count(1, "span")`` is "1 span"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
