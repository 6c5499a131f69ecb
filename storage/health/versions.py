"""Which versions of SQLite have a bug that may damage a file, and what that means here."""

from __future__ import annotations

Version = tuple[int, ...]

# sqlite.org, "WAL-reset bug": from 3.7.0 on two connections may damage a file where one commits
# and empties the log while the other copies it; mended in 3.51.3, and in two older lines.
FIRST, MENDED = (3, 7, 0), (3, 51, 3)
MENDED_BEFORE = ((3, 44, 6), (3, 50, 7))


def has_reset_bug(version: Version) -> bool:
    """Tell whether an SQLite of this version has the WAL-reset bug."""
    patched = any(version[:2] == line[:2] and version >= line for line in MENDED_BEFORE)
    return FIRST <= version < MENDED and not patched
