"""How a monitor stands: what it has read, what is wrong, and its settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import streamlit as st

from engine.monitoring.drifting import warning
from engine.runner import monitors, why
from engine.runner.notices import email
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.monitors import monitors as stored
from storage.monitors import texts
from storage.monitors.monitors import Monitor
from storage.types import Project, Run, RunState

REFRESH_SECONDS = 2.0
# So many days back new texts are held against those of train.
RECENT = 28


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
    if told.get("note"):
        st.warning(literal(told["note"]), icon=":material/calendar_month:")


def drift(monitor: Monitor, newest: date) -> None:
    """Warn where the newest texts are unlike those that the model learned from."""
    since = newest - timedelta(days=RECENT)
    if said := warning(*texts.unlike(database(), monitor.id, since)):
        st.warning(literal(said), icon=":material/explore:")


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
        st.caption(f"Watches {literal(monitor.watching.source)}")
        rate = st.number_input(
            "False alarms a year, for each topic",
            *(0.1, 52.0, monitor.watching.alarms_per_year),
            key=f"monitor-rate-{monitor.id}",
        )
        emails = st.text_input(
            "E-mail to", " ".join(monitor.watching.emails), key=f"monitor-emails-{monitor.id}"
        )
        hook = st.text_input("Webhook", monitor.watching.webhook, key=f"monitor-hook-{monitor.id}")
        if st.button("Save", type="primary", key="monitor-save"):
            _save(monitor, rate, emails, hook)
        label = "Go on" if monitor.paused else "Pause"
        if st.button(label, icon=":material/pause:", key="monitor-pause"):
            stored.pause(database(), monitor.id, not monitor.paused)
            st.rerun()
        _mail_server()
        if st.button("Delete this monitor for good", icon=":material/delete:", key="monitor-gone"):
            stored.delete_monitor(database(), monitor.id)
            st.rerun()


def _save(monitor: Monitor, rate: float, emails: str, hook: str) -> None:
    from engine.runner.notices import webhook

    try:
        addresses = tuple(email.check_address(each) for each in emails.replace(",", " ").split())
        address = webhook.check(hook.strip()) if hook.strip() else ""
        changed = replace(monitor.watching, alarms_per_year=rate, emails=addresses, webhook=address)
        stored.change(database(), monitor.id, changed)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.rerun()


def _mail_server() -> None:
    """Ask for the mail server of this home; its password goes into a file of its own."""
    known = email.server(database())
    with st.expander("Mail server", icon=":material/mail:", expanded=False):
        host = st.text_input("Server", known.host, placeholder="smtp.example.org")
        security = st.selectbox(
            "Security",
            list(email.SECURITY),
            index=list(email.SECURITY).index(known.security),
            format_func=email.SECURITY.__getitem__,
        )
        port = st.number_input("Port", 1, 65535, known.port)
        user = st.text_input("User", known.user)
        password = st.text_input(
            "Password",
            type="password",
            placeholder="kept" if email.has_password() else "",
            help="Kept in a file that only you may read, apart from database and backups. "
            f"{email.PASSWORD_VARIABLE} in the environment comes before it.",
        )
        sender = st.text_input("From", known.sender, placeholder="whetstone@example.org")
        if st.button("Keep the server", key="monitor-smtp"):
            try:
                asked = email.Server(host.strip(), int(port), security, user, sender.strip())
                email.choose(database(), asked, password or None)
                st.toast("The mail server is kept.", icon=":material/check:")
            except WhetstoneError as error:
                st.error(literal(str(error)), icon=":material/error:")
