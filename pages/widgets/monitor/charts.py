"""A topic over time: how many texts, or which share of all, with intervals and alarms."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from engine.monitoring import chance
from engine.monitoring.counting import ALL, Cell, Series
from pages.widgets.common import charts
from storage.monitors.alarms import StoredAlarm

SHARE, COUNT = FIGURES = ("Share", "Count")
ABOUT = {
    SHARE: "The share of all texts of that {by}, with the interval that holds it in 95 of 100 "
    "cases (Wilson's).",
    COUNT: "Texts of that {by}, with the interval that a count of so many texts has.",
}


def name(cell: Cell) -> str:
    """Name what a series counts."""
    topic, label = cell
    if cell == ALL:
        return "All texts"
    return " × ".join(filter(None, (topic or "all topics", label)))


def show(series: Series, found: Sequence[StoredAlarm], figure: str) -> None:
    """Draw one series with the alarms that are about it."""
    cell = (series.topic, series.label)
    own = {a.date: str(a.kind) for a in found if (a.topic, a.label) == cell}
    frame = pd.DataFrame(
        [_point(series, at, figure, own) for at in range(len(series.counts))],
        columns=["day", "value", "low", "high", "alarm"],
    )
    shares = figure == SHARE
    st.altair_chart(
        charts.over_time(frame, figure, ".0%" if shares else "d"),
        alt=in_words(series, found, figure),
    )
    st.caption(ABOUT[figure].format(by=series.by) + " Triangles are alarms.")


def _point(series: Series, at: int, figure: str, own: dict) -> dict:
    count, total = int(series.counts[at]), int(series.totals[at])
    low, high = chance.wilson(count, total)
    day = series.day(at)
    if figure == SHARE:
        shown = (count / total, low, high) if total else (None, None, None)
    else:
        shown = (count, *chance.poisson_interval(count))
    return {"day": pd.Timestamp(day), **dict(zip(("value", "low", "high"), shown, strict=True))} | {
        "alarm": own.get(day, "")
    }


def in_words(series: Series, found: Sequence[StoredAlarm], figure: str) -> str:
    """Return what the chart shows, for those who do not see it."""
    cell = (series.topic, series.label)
    days = ", ".join(str(a.date) for a in found[:10] if (a.topic, a.label) == cell)
    first, last = series.day(0), series.day(len(series.counts) - 1)
    return (
        f"{name(cell)} by {series.by} from {first} to {last}, {figure.lower()}: between "
        f"{series.counts.min():,} and {series.counts.max():,} texts, "
        f"{series.counts.sum():,} in all. Alarms: {days or 'none'}."
    )
