"""How many words a document has. Standard library only."""

from __future__ import annotations


def words(tokens: int, characters: int, second: int) -> int:
    """Return about how many words there are in both texts of a document.

    Of the first these are its ``tokens`` in so many ``characters``. A second text is not cut into
    words; its words are told by its characters, of which there may be none.
    """
    return tokens + round(tokens * second / max(characters, 1))
