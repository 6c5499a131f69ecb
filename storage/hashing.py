"""One fingerprint for texts, shared by imports (duplicates) and the database."""

import hashlib


def text_hash(text: str) -> str:
    """Return 32 hex digits that are equal exactly when two texts are equal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]
