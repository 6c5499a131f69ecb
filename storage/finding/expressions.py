"""Regular expressions that people type: checked before they are used, and stopped in time.

Two engines look at each. RE2 refuses what could grow without bound when it is made ready, and
with it what it does not know (looking around, references back). The other one knows words,
letters and digits of every script, and is stopped where it takes too long.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from time import monotonic
from typing import Any

import regex

from storage.engines.queries import chunks
from storage.errors import InputError

# Seconds that one search through all documents may take.
BUDGET = 2.0
AT_ONCE = 2_000


@lru_cache(64)
def ready(expression: str) -> Any:
    """Return an expression ready to be used; raise InputError with what is wrong with it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array([""]), expression)
        return regex.compile(expression, regex.V1)
    except (pa.ArrowInvalid, regex.error) as error:
        reason = str(error).removeprefix("Invalid regular expression: ").split(": ")[0]
        raise InputError(
            f'"{expression}" cannot be looked for as a regular expression: {reason}. Correct it, '
            "or put a backslash before each sign that you mean as such."
        ) from error


def matching(
    expression: str, texts: Iterable[tuple[int, str]], budget: float = BUDGET
) -> list[int]:
    """Return the ids of the texts in which an expression is found.

    Raises:
        InputError: it cannot be read, or took more than ``budget`` seconds, in which to read the
            texts is not counted: who has many may still look for what is simple.
    """
    pattern, left = ready(expression), budget
    found: list[int] = []
    try:
        for some in chunks(texts, AT_ONCE):
            end = monotonic() + left
            found += [id for id, text in some if _found(pattern, text, end)]
            left = end - monotonic()
        return found
    except TimeoutError as error:
        raise InputError(
            f'"{expression}" takes too long to look for: make it simpler, for example without '
            "one repetition inside another."
        ) from error


def first(expression: str, text: str) -> tuple[int, int]:
    """Return where an expression is first found in a text, (0, 0) where it is not."""
    try:
        found = ready(expression).search(text, timeout=BUDGET)
    except (InputError, TimeoutError):
        return 0, 0
    return found.span() if found else (0, 0)


def _found(pattern: Any, text: str, end: float) -> bool:
    left = end - monotonic()
    if left <= 0:
        raise TimeoutError
    # Others may go on meanwhile: the lock of the interpreter is given back.
    return pattern.search(text, timeout=left, concurrent=True) is not None
