"""Dates as people and tools write them, turned into ISO 8601.

Which of 3/4/2024 is the month is told by the whole column: where a first number is above 12
it is the day everywhere, else the month.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from engine.formats.common.problems import shorten
from storage.errors import InputError

_NUMBERS = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})(.*)")
_SECONDS = re.compile(r"\d{9,10}(\.\d+)?|\d{12,13}")
_COMPACT = re.compile(r"(19|20)\d{6}")
_NAMED = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%a %b %d %H:%M:%S %Y", "%d-%b-%Y")


def day_first(cells: Iterable[Any]) -> bool:
    """Tell whether dates such as 3/4/2024 of a column have the day before the month."""
    found = [match for cell in cells if (match := _NUMBERS.match(str(cell).strip()))]
    if any(int(match[1]) > 12 for match in found):
        return True
    return not any(int(match[3]) > 12 for match in found) and any(m[2] == "." for m in found)


def iso(cell: Any, day_first: bool = False) -> str:
    """Return a date, or a date with its time, as ISO 8601; "" for none. Raises InputError."""
    if cell is None or isinstance(cell, date):
        return "" if cell is None else cell.isoformat()
    if isinstance(cell, bool):
        raise InputError(f'"{cell}" is no date')
    word = str(cell).strip()
    if not word or word.lower() in ("nan", "nat", "none", "null"):
        return ""
    try:
        return _read(word, day_first)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        raise InputError(f'"{shorten(word)}" is no date such as 2026-11-27') from None


def is_date(cell: Any) -> bool:
    """Tell a date in either order: which one it is, is decided with the column."""
    for first in (False, True):
        try:
            return bool(iso(cell, first))
        except InputError:
            continue
    return False


def _read(word: str, first: bool) -> str:
    if _SECONDS.fullmatch(word):
        number = float(word)
        seconds = number / 1000 if len(word.split(".")[0]) > 11 else number
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()
    if match := _NUMBERS.fullmatch(word):
        one, _, other, year, hour, minute, second = match.groups()
        day, month = (one, other) if first else (other, one)
        found = date(int(year), int(month), int(day))
        if hour is None:
            return found.isoformat()
        at = datetime(found.year, found.month, found.day, int(hour), int(minute), int(second or 0))
        return at.isoformat()
    if match := _YEAR_FIRST.fullmatch(word):
        word = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}{match[4]}"
    return _from_words(word)


def _from_words(word: str) -> str:
    if _COMPACT.fullmatch(word):
        return datetime.strptime(word, "%Y%m%d").date().isoformat()
    if re.match(r"\d{4}-\d\d-\d\d", word):
        found = datetime.fromisoformat(word.replace(" UTC", "+00:00"))
        return word[:10] if len(word) == 10 else found.isoformat()
    # Twitter's and Unix's: the zone in the middle says nothing that a date needs.
    plain = re.sub(r" (?:[A-Z]{3,4}|[+-]\d{4}) (?=\d{4}$)", " ", word)
    for pattern in _NAMED:
        try:
            moment = datetime.strptime(plain, pattern)
        except ValueError:
            continue
        return moment.isoformat() if "%H" in pattern else moment.date().isoformat()
    return parsedate_to_datetime(word).isoformat()
