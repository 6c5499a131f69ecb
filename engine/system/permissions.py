"""Files that hold a person's texts: others on the computer may not read them."""

from __future__ import annotations

import os


def private(path: str, flags: int) -> int:
    """Open a file, made for its owner alone: an ``opener`` for ``open``."""
    return os.open(path, flags, 0o600)
