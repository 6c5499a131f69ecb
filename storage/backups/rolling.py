"""Which of the copies that make themselves are kept: the last days, and of earlier weeks one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

DAYS, WEEKS = 7, 4


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Return the moments of the copies to keep: the newest seven, then one a week of four.

    Of a week (ISO 8601: it begins on Monday) the newest is kept.
    """
    newest = sorted(moments, reverse=True)
    weeks: dict[tuple[int, int], datetime] = {}
    for moment in newest[DAYS:]:
        year, week, _day = moment.isocalendar()
        weeks.setdefault((year, week), moment)
    return {*newest[:DAYS], *list(weeks.values())[:WEEKS]}
