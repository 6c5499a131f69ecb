"""Names and sentences before a format escapes them: in one line, without what acts by itself."""

from __future__ import annotations

import re

# What XML 1.0 does not hold (§2.2), control characters and halves of surrogate pairs among it;
# and what turns the direction of all that follows it around (Unicode Annex 9, explicit formatting).
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\u202a-\u202e\u2066-\u2069]"
)


def plain(text: str) -> str:
    """Return a text in one line; U+FFFD stands for every sign that no format may hold."""
    return " ".join(_FORBIDDEN.sub("\ufffd", text).split())
