"""How a monitor stands: what it has read, what is wrong, and its settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath

import streamlit as st

from engine.monitoring import dates
from engine.monitoring.drifting import warning
from engine.runner import monitors, why
from engine.runner.notices import email
from pages.widgets.common import run_picker
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.monitor import mail_server, making, opening
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.monitors import monitors as stored
from storage.monitors import texts
from storage.monitors.monitors import Monitor, Watching
from storage.types import Project, Run, RunState

REFRESH_SECONDS = 2.0
# So many days back new texts are held against those of train.
RECENT = 28
# So many of those that are unlike are offered to be labelled at a time.
TO_LABEL = 50


def follow(monitor: Monitor) -> None:
    """Say what is being read; while something is, ask again and show what came."""
    run = monitors.reading(database(), monitor)
    if run is None and monitor.read_at:
        return
    if run is None and monitor.told.get("problem"):
        return
    last = monitors.last_reading(database(), monitor)
    if run is None and last and last.state is RunState.FAILED:
        return
    st.fragment(_watch, run_every=REFRESH_SECONDS)(monitor)


def _watch(monitor: Monitor) -> None:
    run = monitors.reading(database(), monitor)
    now = stored.get(database(), monitor.id)
    if now.read_at != monitor.read_at or now.told != monitor.told:
        st.rerun(scope="app")
    if run is None:
        last = monitors.last_reading(database(), monitor)
        if last and last.state is RunState.FAILED:
            st.rerun(scope="app")
        st.caption("It is looked at in a moment.")
        return
    done, total = run.progress.get("step"), run.progress.get("steps")
    if total:
        st.progress(min(1.0, (done or 0) / total), f"Reading {done or 0:,} of {total:,} new texts")
    else:
        st.caption(why(database(), run) or "Reading what is new …")


def problems(monitor: Monitor, run: Run | None) -> None:
    """Say what went wrong or was left out, what matters most first."""
    told = monitor.told
    if told.get("problem"):
        st.error(literal(told["problem"]), icon=":material/error:")
    elif run and run.state is RunState.FAILED:
        st.error(literal(run.message), icon=":material/error:")
    if told.get("broken"):
        st.warning(
            f"Left out: {count(told['broken'], 'row')} that cannot be read. "
            f"{literal(told['first_broken'])}",
            icon=":material/warning:",
        )
    if told.get("undated") and told.get("first_undated"):
        st.warning(
            f"Left out: {count(told['undated'], 'row')} without a date that can be read"
            f"{literal(dates.such_as(told['first_undated']))}. A date is best written as "
            "2026-11-26.",
            icon=":material/calendar_month:",
        )
    if told.get("note"):
        st.warning(
            f"{literal(told['note'])} If that is wrong, *Settings* says which comes first.",
            icon=":material/calendar_month:",
        )


def drift(project: Project, monitor: Monitor, newest: date) -> None:
    """Warn where the newest texts are unlike those that the model learned from."""
    db, since = database(), newest - timedelta(days=RECENT)
    said = warning(*texts.unlike(db, monitor.id, since))
    if not said:
        return
    st.warning(literal(said), icon=":material/explore:")
    found = texts.newest_unlike(db, monitor.id, since, TO_LABEL)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            f"Add the newest {count(len(found), 'text')} of these to the documents",
            icon=":material/library_add:",
            help="With what the model says as a suggestion. A text that is there is not added "
            "again.",
        ):
            opening.add(project, monitor, found)
            st.session_state[f"monitor-added-{monitor.id}"] = True
        if st.session_state.get(f"monitor-added-{monitor.id}"):
            st.page_link(
                "tag.py",
                label="Added: label them",
                icon=":material/ink_highlighter:",
                width="content",
            )


def line(monitor: Monitor, total: int) -> str:
    """Say in a line how much was read, and when it is looked at next."""
    if not monitor.read_at:
        return "Nothing has been read yet."
    undated = monitor.told.get("undated")
    without = f", {count(undated, 'row')} without a date left out" if undated else ""
    left = f", {monitor.told['left']:,} are left" if monitor.told.get("left") else ""
    state = "paused" if monitor.paused else f"looked at next {_when(monitor.next_at)}"
    return f"{count(total, 'text')}{left}{without} · read {_when(monitor.read_at)} · {state}"


def _when(moment: str) -> str:
    apart = (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()
    minutes = round(abs(apart) / 60)
    words = "now" if minutes < 1 else f"{minutes} min" if minutes < 90 else f"{minutes // 60} h"
    if words == "now":
        return "just now" if apart <= 0 else "in a moment"
    return f"in {words}" if apart > 0 else f"{words} ago"


def manage(project: Project, monitor: Monitor) -> None:
    """Let people look now, pause, change the rate and whom it tells, or delete it."""
    if st.button("Look now", icon=":material/refresh:", key="monitor-look", type="tertiary"):
        stored.look_now(database(), monitor.id)
        st.rerun()
    with st.popover("Settings", icon=":material/tune:"):
        _change(project, monitor)
        label = "Go on" if monitor.paused else "Pause"
        if st.button(label, icon=":material/pause:", key="monitor-pause"):
            stored.pause(database(), monitor.id, not monitor.paused)
            st.rerun()
        mail_server.ask()
        if st.button("Delete this monitor for good", icon=":material/delete:", key="monitor-gone"):
            monitors.delete(database(), monitor)
            st.rerun()


def _change(project: Project, monitor: Monitor) -> None:
    """Let people change how a monitor reads and whom it tells."""
    asked, key = monitor.watching, f"monitor-{monitor.id}"
    uploaded = monitors.is_upload(asked.source)
    st.caption(f"{'Has read' if uploaded else 'Watches'} {literal(shown(asked.source))}")
    run = _model(project, monitor)
    rate = st.number_input(
        "False alarms a year, for each topic",
        *(0.1, making.alarms_at_most(), asked.alarms_per_year),
        key=f"{key}-rate",
    )
    first, timezone, minutes = making.ask_how(key, asked, not uploaded)
    emails = st.text_input("E-mail to", " ".join(asked.emails), key=f"{key}-emails")
    hook = st.text_input("Webhook", asked.webhook, key=f"{key}-hook")
    if st.button("Save", type="primary", key="monitor-save"):
        changed = replace(asked, run=run, first=first, timezone=timezone, minutes=minutes)
        _save(monitor, replace(changed, alarms_per_year=rate), emails, hook)


def _model(project: Project, monitor: Monitor) -> int:
    """Ask which model tells the topics: one that was trained since, say."""
    known = {run.id: run for run in making.models(project)}
    own = monitor.watching.run
    return st.selectbox(
        "Topics by",
        list(dict.fromkeys([*known, own])),
        index=list(dict.fromkeys([*known, own])).index(own),
        format_func=lambda id: run_picker.title(known[id]) if id in known else "a deleted model",
        key=f"monitor-{monitor.id}-model",
        help="Another model reads all texts anew, and its alarms replace those of now.",
    )


def shown(source: str) -> str:
    """Return the name by which people know a source."""
    return PurePath(source).name.split("~")[-1] if monitors.is_upload(source) else source


def _save(monitor: Monitor, asked: Watching, emails: str, hook: str) -> None:
    from engine.system import web

    try:
        addresses = tuple(email.check_address(each) for each in emails.replace(",", " ").split())
        address = web.check(hook.strip()) if hook.strip() else ""
        zone = dates.checked(asked.timezone)
        changed = replace(asked, emails=addresses, webhook=address, timezone=zone)
        stored.change(database(), monitor.id, changed)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.rerun()
