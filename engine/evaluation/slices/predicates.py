"""What can be said of a text, or of the words of a mark, by looking at its characters.

Unicode decides, not English: digits of any script, emoji as UTS 51 has them, letters with case.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Emoji_Presentation of Unicode Technical Standard 51, whole blocks where it has nearly all of
# one; a sign that is made an emoji by U+FE0F, and a keycap; the hearts and faces of old.
_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2639\u263a\u2648-\u2653"
    "\u2665\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3"
    "\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2763\u2764"
    "\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f1e6-\U0001f1ff\U0001f201"
    "\U0001f21a\U0001f22f\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250\U0001f251"
    "\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7eb\U0001f7f0"
    "\U0001f900-\U0001f9ff\U0001fa70-\U0001faff]|.\ufe0f|\u20e3"
)
# Of a name before "@" one letter is enough, and nothing is given back: else "a.a.a.…" takes long.
_ADDRESS = re.compile(r"https?://|www\.\w|\w[.+-]*+@\w++(?:-\w++)*+\.\w", re.IGNORECASE)
_HASHTAG = re.compile(r"(?<![\w&/])[#\uff03]\w*[^\W\d_]")
_MENTION = re.compile(r"(?<![\w.@/])[@\uff20]\w+")
_JOINED = re.compile(r"(?<=\w)[-\u2010\u2011/&'\u2019.](?=\w)")
# So many letters are needed before a text is said to be shouted: "I" and "A" are no shouting.
FEWEST = 2


def has_digit(text: str) -> bool:
    """Tell whether a decimal digit of any script is in it."""
    return any(map(str.isdecimal, text))


def has_emoji(text: str) -> bool:
    """Tell whether an emoji is in it: by itself, joined, with a skin tone, a flag, a keycap."""
    return not text.isascii() and _EMOJI.search(text) is not None


def has_address(text: str) -> bool:
    """Tell whether a web or e-mail address is in it."""
    return _ADDRESS.search(text) is not None


def has_hashtag(text: str) -> bool:
    """Tell whether a hashtag is in it; "#1" is a number."""
    return _HASHTAG.search(text) is not None


def has_mention(text: str) -> bool:
    """Tell whether somebody is addressed in it as "@name"."""
    return _MENTION.search(text) is not None


def all_capitals(text: str) -> bool:
    """Tell whether all letters with case are capitals, and there are some."""
    return text.isupper() and sum(map(str.isupper, text)) >= FEWEST


def no_capital(text: str) -> bool:
    """Tell whether there are letters with case and none is a capital."""
    return text.islower()


def joined(text: str) -> bool:
    """Tell whether a hyphen, slash, apostrophe, dot or "&" stands within a word of it."""
    return _JOINED.search(text) is not None


def foreign(text: str) -> bool:
    """Tell whether a letter in it is of another script than Latin."""
    return not text.isascii() and any(map(_foreign_letter, set(text)))


@cache
def _foreign_letter(sign: str) -> bool:
    if sign.isascii() or not unicodedata.category(sign).startswith("L"):
        return False
    return "LATIN" not in unicodedata.name(sign, "") and sign not in "ªºµ"
