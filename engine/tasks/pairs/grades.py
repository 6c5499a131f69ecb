"""What an answer is worth: how well the second text fits the first, as a grade. Standard library.

Grades are those of TREC's judgements: 0 does not fit, 1 fits, more fits better.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MATCH, NO_MATCH = "match", "no match"
"""The answers that a new project has."""
_NOTHING = frozenset(
    {
        *("no", "0", "false", "none", "negative", "mismatch", "nonmatch", "irrelevant"),
        *("different", "unrelated", "否", "不", "不匹配", "不相关", "无关"),
    }
)
# "no match", "not relevant", "non-match": what they say no to does not matter.
_DENIAL = re.compile(r"(no|non|not)[\W_]+\w")
_NUMBER = re.compile(r"[+-]?\d+(\.0*)?")


def grade(label: str) -> int:
    """Return the grade that an answer stands for.

    A number stands for itself, one below 0 (TREC's spam) for 0; words that deny for 0; every
    other word for 1.
    """
    said = " ".join(label.casefold().split())
    if _NUMBER.fullmatch(said):
        return max(0, int(float(said)))
    return 0 if said in _NOTHING or _DENIAL.match(said) else 1


def least_positive(labels: Iterable[str]) -> int:
    """Return the grade from which a pair is an example of what belongs together.

    It is half of the highest: of the grades 0 to 3, "somewhat" is no model of a good answer.
    """
    highest = max(map(grade, labels), default=1)
    return max(1, (highest + 1) // 2)
