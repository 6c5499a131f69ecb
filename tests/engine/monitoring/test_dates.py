"""Dates: what a column says decides how its cells are read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring import dates
from engine.monitoring.dates import Order
from storage.errors import InputError

DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    "cell",
    [
        *("2026-01-31", "20260131", "2026-01-31T23:59:59", "2026-01-31 10:00:00.123456"),
        *("2026-01-31T10:00:00Z", "2026/01/31", "2026.1.31 08:15", "31.01.2026", "31/1/2026"),
        *("31-01-26", "1/31/2026 11:05 PM", "31 Jan 2026", "Jan 31, 2026", "January 31st, 2026"),
        *("Sat, 31 Jan 2026 10:00:00 +0100", "Sat Jan 31 20:19:24 +0000 2026", "2026年1月31日"),
        *("1769853600", "1769853600000", "2026-W05-6", "31-Jan-2026 10:00"),
    ],
)
def test_every_usual_way_to_write_a_day_is_read(cell: str) -> None:
    assert dates.read([cell]).days == [DAY]


@pytest.mark.parametrize(
    "cell", ["", "soon", "32.01.2026", "2026-02-30", "12", "1 2 3", "x" * 5000, "0001-01-01", "٣"]
)
def test_what_is_no_date_is_counted_and_left_out(cell: str) -> None:
    assert dates.read([cell, "2026-01-31"]).undated == 1


def test_one_cell_tells_for_the_column_which_is_first() -> None:
    day_first = dates.read(["03/04/2026", "13/04/2026"])
    assert (day_first.days[0], day_first.order, day_first.note) == (date(2026, 4, 3), Order.DAY, "")
    month_first = dates.read(["03/04/2026", "04/13/2026"])
    assert (month_first.days[0], month_first.order) == (date(2026, 3, 4), Order.MONTH)


def test_where_no_cell_tells_the_smoother_way_is_taken_and_said() -> None:
    found = dates.read(["01/02/2026", "01/03/2026", "01/04/2026"])
    assert found.order is Order.MONTH and not found.sure
    assert "No date says whether day or month comes first" in found.note
    assert dates.read(["03/04/2026"], order=Order.MONTH).days == [date(2026, 3, 4)]


def test_a_time_is_of_the_day_that_it_is_in_the_zone() -> None:
    late = "2026-01-31T23:30:00-05:00"
    assert dates.read([late]).days == [date(2026, 2, 1)]
    assert dates.read([late], zone=dates.zone("America/New_York")).days == [DAY]
    with pytest.raises(InputError, match="no time zone"):
        dates.zone("Middle/Earth")


def test_what_is_not_yet_is_a_slip_of_the_pen() -> None:
    assert dates.read(["2062-01-31"], latest=DAY).undated == 1


@settings(max_examples=25)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_whatever_a_column_holds_it_is_read(cells: list[str]) -> None:
    assert len(dates.read(cells).days) == len(cells)


@settings(max_examples=25)
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_day_comes_back_as_it_was_written(day: date) -> None:
    written = [day.isoformat(), day.strftime("%d.%m.%Y"), f"{day:%d %B %Y}"]
    assert dates.read(written, order=Order.DAY).days == [day] * 3
