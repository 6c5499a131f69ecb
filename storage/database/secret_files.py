"""Passwords and keys of others' servers: each in a file of the home that only its owner may read.

They are apart from database and backups, so that no copy of those has them.
"""

from __future__ import annotations

import os
from pathlib import Path

from storage import atomic, files, home


def path(name: str) -> Path:
    """Return where a secret is kept; it need not be there."""
    return home.folder() / name


def read(name: str) -> str:
    """Return a secret; "" where there is none."""
    place = path(name)
    return place.read_text(encoding="utf-8") if place.is_file() else ""


def keep(name: str, secret: str) -> None:
    """Keep a secret; "" forgets the one that was kept."""
    place = path(name)
    if not secret:
        place.unlink(missing_ok=True)
        return
    draft = place.with_name(f"{name}.{os.getpid()}.part")
    files.make_private(draft)
    with atomic.replacing(place, draft) as file:
        file.write(secret.encode())
