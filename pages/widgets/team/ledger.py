"""The ledger: who did what on which day. By name, and never by a figure: this is no race."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from datetime import date, datetime, timedelta

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.formats.common.formulas import neutral
from pages.widgets.common import colors, tables
from pages.widgets.downloads.texts import stem
from storage.collaboration.work import edited, ledger
from storage.collaboration.work.kept import Work
from storage.collaboration.work.ledger import Ledger
from storage.collaboration.work.reviewed import Changed
from storage.database.store import database
from storage.permissions import Ability, may
from storage.types import Project

ALL = "All days"
PERIODS = {"7 days": 7, "30 days": 30, ALL: 0}
COLUMNS = {
    "finished": ("Documents", "Documents that they marked done, each once"),
    "minutes": ("Minutes", "Active time: see below the table"),
    "edits": ("Edits", "Steps of single documents, without those taken back"),
    "undone": ("Taken back", "Steps undone, of single documents or of many at once"),
    "actions": ("At once", "Steps that changed many documents at once"),
    "decided": ("Decided", "Documents on which they decided between several people's versions"),
    "kept": ("Kept", "Suggestions that stayed in documents they finished"),
    "dropped": ("Dropped", "Suggestions that did not"),
    "comments": ("Comments", "What they said in threads"),
    "guidelines": ("Guideline", "Versions of the guideline that they wrote"),
}
# Shown whatever they are; the others where anybody has any.
ALWAYS = ("finished", "minutes", "edits")
CHANGED = "Changed at review"
RULE = (
    "Time between two edits counts up to {pause} minutes; longer gaps count nothing. "
    "So it is less than the hours at the desk, and for everybody alike. Days are this server's."
)
HEIGHT = 120
# So many days the chart shows at least, and so many pixels it has for all.
LEAST_DAYS, ROOM = 28, 600


def show(project: Project) -> None:
    """Show everybody's work to an admin, and to anybody else their own."""
    found = _read(project)
    everybody = may(Ability.ADMINISTER)
    if not found.people:
        st.caption("Nothing was labelled yet." if everybody else "You have labelled nothing yet.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        period = st.segmented_control(
            "Period", list(PERIODS), default=ALL, required=True, label_visibility="collapsed"
        )
        st.download_button(
            "CSV",
            as_csv(found).encode("utf-8-sig"),
            file_name=f"{stem(project.name)}-work.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            help="A row for each person and day",
        )
        st.caption("By name. Others see their own." if everybody else "You and admins see this.")
    days = _since(found, PERIODS[period or ALL])
    _table(found, days, whole=period == ALL)
    st.caption(RULE.format(pause=edited.PAUSE // timedelta(minutes=1)))
    if days:
        _chart(days)


def _read(project: Project) -> Ledger:
    """Read the ledger; of a long journal that was not read yet, say how far that is."""
    place = st.empty()
    found = ledger.read(database(), project.id, progress=lambda share: _say_how_far(place, share))
    place.empty()
    return found


def _say_how_far(place: DeltaGenerator, share: float) -> None:
    place.progress(share, "Counting who did what, once; later only what came since")


def as_csv(found: Ledger) -> str:
    """Return a row for each person and day, safe to open in a spreadsheet."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    names = [each.name for each in fields(Work)]
    writer.writerow(["person", "day", *names])
    for (name, day), work in found.days.items():
        figures = (getattr(work, each) for each in names)
        writer.writerow(map(neutral, (name, day.isoformat(), *figures)))
    return written.getvalue()


def _since(found: Ledger, days: int) -> dict[tuple[str, date], Work]:
    first = datetime.now().astimezone().date() - timedelta(days=days - 1) if days else date.min
    return {key: work for key, work in found.days.items() if key[1] >= first}


def _table(found: Ledger, days: dict[tuple[str, date], Work], whole: bool) -> None:
    totals = {name: Work() for name in found.people}
    for (name, _), work in days.items():
        totals[name].add(work)
    shown = [
        each
        for each in COLUMNS
        if each in ALWAYS or any(getattr(total, each) for total in totals.values())
    ]
    rows = []
    for name, total in totals.items():
        figures = {COLUMNS[each][0]: getattr(total, each) for each in shown}
        # What review changed is known of all their work, and not of a day.
        changed = {CHANGED: _changed(found.changed.get(name))} if whole and found.changed else {}
        rows.append({"Person": name, **changed, **figures})
    config = {
        title: st.column_config.NumberColumn(title, help=help) for title, help in COLUMNS.values()
    }
    said = (
        "Of the documents they finished that somebody decided on or finished after them, from "
        "their labels on: those that have other labels now, and the marks that went or came"
    )
    about = {CHANGED: st.column_config.TextColumn(CHANGED, help=said)}
    tables.show(rows, hide_index=True, column_config={**config, **about}, key="ledger")


def _changed(found: Changed | None) -> str:
    if found is None or not found.documents:
        return "–"
    return f"{found.changed} of {found.documents}, {found.marks} marks"


def _chart(days: dict[tuple[str, date], Work]) -> None:
    """Draw the documents of each day in one colour: who did them, a pointer tells."""
    rows = [(name, day, work.finished) for (name, day), work in days.items() if work.finished]
    if not rows:
        return
    frame = pd.DataFrame(rows, columns=["person", "day", "finished"])
    frame["day"] = pd.to_datetime(frame["day"])
    last, first = frame["day"].max(), frame["day"].min()
    # A few days stand at the end of some weeks: a bar alone is not as wide as the page.
    begin = min(first, last - timedelta(days=LEAST_DAYS)) - timedelta(days=1)
    width = max(2, min(16, ROOM // (last - begin).days))
    ink = colors.css(colors.current().text)
    bars = alt.Chart(frame).mark_bar(color=ink, opacity=0.45, size=width)
    scale = alt.Scale(domain=[begin.isoformat(), (last + timedelta(days=1)).isoformat()])
    chart = bars.encode(
        x=alt.X("day:T", title=None, scale=scale, axis=alt.Axis(format="%d %b", tickCount=8)),
        y=alt.Y("finished:Q", title="Documents", axis=alt.Axis(tickCount=3)),
        detail="person:N",
        tooltip=[
            alt.Tooltip("person:N", title="Person"),
            alt.Tooltip("day:T", title="Day", format="%d %b %Y"),
            alt.Tooltip("finished:Q", title="Documents"),
        ],
    )
    st.altair_chart(
        chart.properties(height=HEIGHT), width="stretch", alt="A bar for the documents of each day"
    )
