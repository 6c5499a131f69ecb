"""How agreement went: Krippendorff's α week by week, or by so many documents."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from engine.agreement import periods
from engine.agreement.periods import By, Period
from engine.agreement.versions import Versions
from engine.inspection.agreement.comparing import Compared
from pages.widgets.agreement import chosen, words
from pages.widgets.agreement.chosen import Shown
from pages.widgets.common import charts, colors, tables
from storage.types import Project

NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
TITLES = {By.WEEK: "By week", By.DOCUMENTS: "By documents"}
ALPHA = "Krippendorff's α"


def listen(project: Project, found: Compared) -> None:
    """Hear nothing: a point of the course is no sentence."""


def draw(shown: Shown) -> None:
    """Draw the course, and the same as a table."""
    found, labels = shown.found, shown.found.versions.labels
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        by = st.segmented_control(
            "By",
            list(TITLES),
            default=By.WEEK,
            format_func=TITLES.get,
            required=True,
            label_visibility="collapsed",
        )
        label = st.selectbox(
            "Label",
            [None, *range(len(labels))],
            format_func=lambda at: "All labels together" if at is None else labels[at],
            label_visibility="collapsed",
            width=200,
        )
        who = st.selectbox(
            "Who",
            [False, True],
            format_func=lambda two: " – ".join(shown.names) if two else "Everybody",
            label_visibility="collapsed",
            width=220,
        )
    key = (found.stamp, by, label, (shown.pair.a, shown.pair.b) if who else None)
    people = [shown.pair.a, shown.pair.b] if who else found.versions.persons
    course = _course(found.versions.of_people(people), by, label, key)
    if not course:
        st.info("Nobody knows when these documents were finished.")
        return
    _chart(course, by)
    _table(course)


@st.cache_resource(max_entries=4 * chosen.KEPT, show_spinner="Comparing period after period …")
def _course(_versions: Versions, by: By, label: int | None, key: Hashable) -> Sequence[Period]:
    name = None if label is None else _versions.labels[label]
    return periods.course(_versions, by, name)


def _chart(course: Sequence[Period], by: By) -> None:
    rows = [each for each in course if each.alpha is not None]
    if not rows:
        st.info("In none of these periods was anything labelled of which agreement could be told.")
        return
    if len(rows) == 1:
        st.caption("One period by now: a line is drawn from two on.")
        return
    ends = {"value": "alpha", "low": "low", "high": "high"}
    points = pd.DataFrame(
        [{name: getattr(each, field) for name, field in ends.items()} for each in rows]
    ).astype(float)
    alt_text = "; ".join(f"{str(each.begin)[:10]}: α {each.alpha:.2f}" for each in rows)
    if by is By.WEEK:
        points["day"] = [pd.Timestamp(each.begin) for each in rows]
        points["alarm"] = ""
        drawn = charts.over_time(points, ALPHA, ".2f")
    else:
        points["documents"] = pd.Series([each.documents for each in rows]).cumsum()
        drawn = _by_documents(points)
    st.altair_chart(drawn, width="stretch", alt=f"{ALPHA} over time. {alt_text}.")


def _by_documents(points: pd.DataFrame) -> charts.Layers:
    line = colors.of_theme("primaryColor")
    x = alt.X("documents:Q", title="documents finished")
    base = alt.Chart(points).encode(x=x)
    value = alt.Y("value:Q", title=ALPHA, axis=alt.Axis(format=".2f", tickCount=5))
    tips = [
        alt.Tooltip("documents:Q", title="Up to document"),
        alt.Tooltip("value:Q", title="α", format=".2f"),
        alt.Tooltip("low:Q", title="At least", format=".2f"),
        alt.Tooltip("high:Q", title="At most", format=".2f"),
    ]
    band = base.mark_area(opacity=0.16, color=line).encode(y="low:Q", y2="high:Q")
    drawn = base.mark_line(strokeWidth=1.5, color=line, point=True)
    return alt.layer(band, drawn.encode(y=value, tooltip=tips)).properties(height=210)


def _table(course: Sequence[Period]) -> None:
    nan = float("nan")
    rows = [
        {
            "from": str(each.begin)[:10],
            "to": str(each.end)[:10],
            "alpha": each.alpha,
            "interval": words.interval(
                *((nan, nan) if each.low is None else (each.low, each.high))
            ),
            "documents": each.documents,
        }
        for each in course
    ]
    tables.show(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "from": TEXT("From"),
            "to": TEXT("To"),
            "alpha": NUMBER("α", format="%.2f"),
            "interval": TEXT("95 %"),
            "documents": NUMBER("Documents", format="localized", help="That two or more finished."),
        },
        placeholder=words.NOTHING,
    )
