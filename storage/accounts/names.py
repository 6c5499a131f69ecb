"""Names of people: one spelling each, and none that looks like another's."""

from __future__ import annotations

import unicodedata

from storage.errors import InputError
from storage.types import Merged

LONGEST_NAME = 100
# Nobody sees these, though Unicode calls them letters, marks or symbols
# (Default_Ignorable_Code_Point in DerivedCoreProperties.txt, and the blank of Braille).
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_UNSEEN_RANGES = (("\ufe00", "\ufe0f"), ("\U000e0000", "\U000e0fff"))
# Their letters look like each other's; no word of a name needs two of them (UTS 39, 5.2).
_ALIKE = ("LATIN", "CYRILLIC", "GREEK")


def checked(name: str) -> str:
    """Return a name in its usual spelling; raise InputError where it is none."""
    name = " ".join(filter(None, unicodedata.normalize("NFC", name).strip().split(" ")))
    if not name or len(name) > LONGEST_NAME:
        raise InputError(f"A name has 1 to {LONGEST_NAME} characters.")
    odd = next(filter(_is_unseen, name), "")
    if odd:
        # Two names that look alike would be two people.
        raise InputError(f"A name has no invisible characters ({odd!a}).")
    for word in name.split(" "):
        if len(scripts := _scripts(word)) > 1:
            raise InputError(
                f"{word} mixes {' and '.join(scripts)} letters, which look alike: use one script "
                "in each word of a name."
            )
    if is_nobodys(name):
        raise InputError(f"{name} stands for what several people made: choose another name.")
    return name


def is_nobodys(name: str) -> bool:
    """Tell whether a name stands for what several people made."""
    return folded(name) in map(folded, Merged)


def folded(name: str) -> str:
    """Return what all spellings of a name have in common."""
    found = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())
    # What no name has and no database takes: NUL, half a surrogate pair.
    return found.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _is_unseen(sign: str) -> bool:
    if unicodedata.category(sign)[0] in "CZ":
        return sign != " "
    return sign in _UNSEEN or any(first <= sign <= last for first, last in _UNSEEN_RANGES)


def _scripts(word: str) -> list[str]:
    """Return the scripts of a word's letters, of those whose letters look alike."""
    found = {unicodedata.name(sign, "").split(" ")[0] for sign in word if sign.isalpha()}
    return [script.title() for script in _ALIKE if script in found]
