"""One fingerprint for texts, shared by imports (duplicates) and the database."""

from __future__ import annotations

import hashlib

from storage.types import Document

# The digits of a text's fingerprint; of two texts they stand one behind the other.
HASH = 32


def text_hash(text: str) -> str:
    """Return 32 hex digits that are equal exactly when two texts are equal."""
    return bytes_hash(text.encode("utf-8"))


def bytes_hash(text: bytes) -> str:
    """Return the same of a text in UTF-8."""
    return hashlib.sha256(text).hexdigest()[:HASH]


def document_hash(document: Document) -> str:
    """Return what is equal of two documents exactly when their texts are, the second's, too."""
    second = document.second_text
    return joint_hash(text_hash(document.text), None if second is None else text_hash(second))


def joint_hash(text: str, second: str | None) -> str:
    """Return the fingerprint of a document whose texts have these."""
    return text if second is None else f"{text}{second}"
