"""How much somebody may ask: bytes and texts at once, requests a second."""

from __future__ import annotations

from dataclasses import dataclass

MOST_MATCHES = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may ask at most."""

    body: int = 2_000_000
    """Bytes."""
    texts: int = 1_000
    length: int = 100_000
    """Code points of a text."""
    per_second: float = 1_000.0
    """Requests a second of one key, or of one address where there are no keys."""
    at_once: float = 2_000.0
    """Requests that may come at once after a pause."""
