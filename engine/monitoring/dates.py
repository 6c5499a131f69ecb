"""The dates of a column: which day each text is of, whatever way the column writes it.

ISO 8601 comes first; then dates of RFC 5322 and of logs, with months by name, in numbers, as
seconds or milliseconds since 1970, in Chinese and Japanese. Whether 03/04/2026 is a day of March
or of April is no matter of one cell: the whole column decides, and what it cannot decide is said.
A time with a zone is told in one zone for all, UTC unless another is chosen; a time without one
is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.errors import InputError

# What lies outside is a slip of the pen: no text is from then.
EARLIEST = date(1900, 1, 1)
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(.*)", re.DOTALL)
_YEAR_FIRST = re.compile(r"(\d{4})([./])(\d{1,2})\2(\d{1,2})(?!\d)(.*)", re.DOTALL)
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日(.*)", re.DOTALL)
_EPOCH = re.compile(r"(\d{10}|\d{13})(\.\d+)?")
_TIME = re.compile(
    r"[T,\s]*(?:at\s+)?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp])?\.?[Mm]?\.?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WORD = re.compile(r"[A-Za-z]{3,9}")


class Order(StrEnum):
    """Which comes first where a date is written in numbers and its year comes last."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Dates:
    """What a column says: a day or None for each cell, and how it was read."""

    days: Sequence[date | None]
    order: Order | None = None
    """How 03/04/2026 was read, where the column has such dates."""
    sure: bool = True
    """Whether a date such as 13/04/2026 says so; else ``note`` does."""
    note: str = ""
    example: str = ""
    """A cell that holds no date, where one says something."""

    @property
    def undated(self) -> int:
        """How many cells hold no date."""
        return sum(day is None for day in self.days)


def zone(name: str) -> tzinfo:
    """Return a time zone by its name; raise InputError where there is none."""
    try:
        return UTC if name in ("", "UTC") else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"There is no time zone {name[:60]!r}: write one like Europe/Berlin, or UTC."
        ) from error


def checked(name: str) -> str:
    """Return the name of a time zone; raise InputError where there is none of that name."""
    zone(name)
    return name or "UTC"


def order(name: str) -> Order | None:
    """Return which of day and month comes first, None for ""; raise InputError."""
    try:
        return Order(name) if name else None
    except ValueError as error:
        raise InputError(
            f"Day or month come first in a date, not {name[:40]!r}: choose day or month."
        ) from error


def read(
    cells: Sequence[str],
    *,
    order: Order | None = None,
    zone: tzinfo = UTC,
    latest: date | None = None,
) -> Dates:
    """Read a column; ``latest`` is the last day that can be meant, tomorrow say."""
    numbers = [match for cell in cells if (match := _NUMBERS.fullmatch(cell.strip()))]
    sure, note = True, ""
    if numbers and order is None:
        order, sure, note = _order_of(numbers)
    days = [_day(cell, order or Order.DAY, zone) for cell in cells]
    last = latest or date.max
    kept = [day if day and EARLIEST <= day <= last else None for day in days]
    unread = (cell.strip() for cell, day in zip(cells, kept, strict=True) if not day)
    example = next(filter(None, unread), "")[:40]
    return Dates(kept, order if numbers else None, sure, note, example)


def such_as(example: str) -> str:
    """Say what a cell without a date holds, after a word for such cells; "" where nothing."""
    return f", such as {example!r}" if example else ""


def _order_of(numbers: Sequence[re.Match[str]]) -> tuple[Order, bool, str]:
    """Return which comes first in a column, whether it says so, and what a person should know."""
    first = sum(int(match[1]) > 12 >= int(match[3]) for match in numbers)
    second = sum(int(match[3]) > 12 >= int(match[1]) for match in numbers)
    example = numbers[0][0].strip()[:40]
    if first or second:
        found = Order.DAY if first >= second else Order.MONTH
        mixed = min(first, second)
        note = (
            f"{mixed:,} of the dates are written the other way around than the rest, which has "
            f"the {found} first: they are read by what they can be."
        )
        return found, not mixed, note if mixed else ""
    found = Order.DAY if numbers[0][2] == "." else _smoother(numbers)
    return (
        found,
        False,
        f"No date says whether day or month comes first; {example!r} is read with the {found} "
        "first.",
    )


def _smoother(numbers: Sequence[re.Match[str]]) -> Order:
    """Return the order by which neighbouring dates lie closer together; the day's where equal."""
    jumps = {}
    for order in Order:
        days = [day for match in numbers if (day := _in_order(match, order))]
        jumps[order] = sum(abs((b - a).days) for a, b in zip(days, days[1:], strict=False))
    return Order.MONTH if jumps[Order.MONTH] < jumps[Order.DAY] else Order.DAY


def _day(cell: str, order: Order, zone: tzinfo) -> date | None:
    cell = cell.strip()
    if not cell or len(cell) > 100:
        return None
    try:
        return _in_zone(datetime.fromisoformat(cell), zone)
    except ValueError:
        pass
    for read in (_of_numbers, _of_epoch, _of_words):
        try:
            if (day := read(cell, order, zone)) is not None:
                return day
        except (ValueError, OverflowError, IndexError, TypeError):
            # Of another form, or of a day that no month has.
            continue
    return None


def _in_zone(moment: datetime, zone: tzinfo) -> date:
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def _of_numbers(cell: str, order: Order, zone: tzinfo) -> date | None:
    for pattern, places in ((_YEAR_FIRST, (1, 3, 4, 5)), (_CHINESE, (1, 2, 3, 4))):
        if match := pattern.fullmatch(cell):
            year, month, day, rest = (match[place] for place in places)
            return _at(date(int(year), int(month), int(day)), rest, zone)
    if match := _NUMBERS.fullmatch(cell):
        found = _in_order(match, order)
        return found and _at(found, match[5], zone)
    return None


def _in_order(match: re.Match[str], order: Order) -> date | None:
    """Return the day in this order; in the other one where only that is a day."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if len(match[4]) == 2:
        year += 2000 if year < 70 else 1900
    ways = [(second, first), (first, second)]
    for month, day in ways if order is Order.DAY else ways[::-1]:
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return None


def _at(day: date, rest: str, zone: tzinfo) -> date | None:
    """Return the day of a time that may follow, in one zone; None where something else follows."""
    if not rest.strip():
        return day
    match = _TIME.fullmatch(rest.strip())
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4] in "Pp" else 0)
    moment = datetime(day.year, day.month, day.day, hour, minute, second)
    if match[5]:
        written = match[5].replace("UTC", "+0000").replace("GMT", "+0000").replace("Z", "+0000")
        own = datetime.strptime(written.replace(":", ""), "%z").tzinfo
        return moment.replace(tzinfo=own).astimezone(zone).date()
    return moment.date()


def _of_epoch(cell: str, order: Order, zone: tzinfo) -> date | None:
    if not (match := _EPOCH.fullmatch(cell)):
        return None
    seconds = int(match[1]) / (1000 if len(match[1]) == 13 else 1)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone).date()


def _of_words(cell: str, order: Order, zone: tzinfo) -> date | None:
    """Read dates with a month by name: "31 Jan 2026", "Jan. 31st, 2026 10:00", RFC 5322, logs."""
    words = [word.lower() for word in _WORD.findall(cell)]
    month = next((_MONTHS.index(w[:3]) + 1 for w in words if w[:3] in _MONTHS), None)
    if month is None:
        return None
    if re.match(r"\s*([A-Za-z]{3},\s*)?\d{1,2} [A-Za-z]{3} \d{4} \d", cell):
        return _in_zone(parsedate_to_datetime(cell), zone)
    clock = re.search(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AaPp]\.?[Mm]\.?)?", cell)
    offset = re.search(r"(?<=[\s\d])(Z|UTC|GMT|[+-]\d{2}:?\d{2})(?=\s|$)", cell)
    left = cell
    for part in (clock, offset):
        left = left.replace(part[0], " ", 1) if part else left
    numbers = [int(number) for number in re.findall(r"\d+", left)]
    years = [n for n in numbers if n > 31]
    days = [n for n in numbers if 1 <= n <= 31]
    if len(numbers) != 2 or len(years) != 1 or len(days) != 1:
        return None
    found = date(years[0], month, days[0])
    rest = " ".join(part[0] for part in (clock, offset) if part) if clock else ""
    return _at(found, rest, zone)
