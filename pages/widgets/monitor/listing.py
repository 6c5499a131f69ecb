"""The alarms of a monitor: one a row, its reason, who was told, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import streamlit as st

from engine.runner.monitors import EMAIL, WEBHOOK
from pages.widgets.common import tables
from pages.widgets.common.errors import literal
from pages.widgets.monitor import charts
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.monitors import alarms
from storage.monitors.alarms import AlarmState, SendingState, StoredAlarm

STATES = {
    AlarmState.NEW: "new",
    AlarmState.PAST: "earlier",
    AlarmState.ACKNOWLEDGED: "known",
    AlarmState.SILENCED: "silenced",
}
COLUMNS = {
    "date": st.column_config.TextColumn("Date", width=92, pinned=True),
    "what": st.column_config.TextColumn("About", width=104),
    "count": st.column_config.NumberColumn("Texts", width=42),
    "expected": st.column_config.NumberColumn("Usual", format="%.1f", width=46),
    "kind": st.column_config.TextColumn("Kind", width=48),
    "state": st.column_config.TextColumn("State", width=58),
}
ROWS, ROW_HEIGHT = 9, 35
CHANNELS = {EMAIL: "E-mail", WEBHOOK: "Webhook"}
SILENT_DAYS = {7: "a week", 30: "a month", 365: "a year"}


def choose(found: Sequence[StoredAlarm], key: str) -> StoredAlarm | None:
    """List the alarms, the newest first, and return the one that is chosen."""
    if not found:
        st.info("No alarm: nothing surged and nothing drifts.", icon=":material/check_circle:")
        return None
    event = tables.show(
        pd.DataFrame([_row(each) for each in found]),
        hide_index=True,
        column_config=COLUMNS,
        height=ROW_HEIGHT * (min(ROWS, len(found)) + 1) + 3,
        on_select="rerun",
        selection_mode=["single-cell"],
        key=f"{key}-{len(found)}",
        alt="Alarms, the newest first; choose one to read its texts",
    )
    picked = [row for row, _ in event["selection"]["cells"]]
    return found[picked[0]] if picked and picked[0] < len(found) else None


def _row(alarm: StoredAlarm) -> dict:
    return {
        "date": alarm.date.isoformat(),
        "what": charts.name((alarm.topic, alarm.label)),
        "count": alarm.count,
        "expected": alarm.expected,
        "kind": alarm.kind,
        "state": STATES[alarm.state],
    }


def head(alarm: StoredAlarm) -> None:
    """Say what an alarm is, why, who was told, and let people acknowledge or silence it."""
    title = charts.name((alarm.topic, alarm.label))
    st.markdown(f"##### {literal(title)}, {alarm.date}", anchors=False)
    st.markdown(literal(alarm.reason))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if alarm.state is AlarmState.ACKNOWLEDGED:
            st.button(
                "Not known after all",
                icon=":material/undo:",
                key=f"alarm-open-{alarm.id}",
                on_click=_do,
                args=(alarms.acknowledge, alarm.id, False),
            )
        else:
            st.button(
                "Acknowledge",
                icon=":material/check:",
                type="primary",
                key=f"alarm-known-{alarm.id}",
                help="You know of it: it is not sent any more.",
                on_click=_do,
                args=(alarms.acknowledge, alarm.id, True),
            )
        _silence(alarm, title)
    _sent(alarm)


def _silence(alarm: StoredAlarm, title: str) -> None:
    if alarm.silenced_until:
        st.button(
            f"Silent until {alarm.silenced_until}: end that",
            icon=":material/notifications_active:",
            key=f"alarm-loud-{alarm.id}",
            on_click=_do,
            args=(alarms.silence, alarm.id, None),
        )
        return
    with st.popover("Silence", icon=":material/notifications_off:"):
        st.markdown(f"Alarms about {literal(title)} are still listed, and not sent, for")
        for days, words in SILENT_DAYS.items():
            st.button(
                words,
                key=f"alarm-silent-{days}-{alarm.id}",
                on_click=_do,
                args=(alarms.silence, alarm.id, _silent_until(alarm, days)),
            )


def _silent_until(alarm: StoredAlarm, days: int) -> date:
    """Return the last silent day; an alarm of long ago is silenced from now on."""
    return max(alarm.date, datetime.now(UTC).date()) + timedelta(days=days)


def _sent(alarm: StoredAlarm) -> None:
    """Say where an alarm went, and offer to send it again where that is not sure."""
    if not alarm.sendings:
        return
    words = {
        SendingState.WAITING: "is about to be sent",
        SendingState.SENDING: "is being sent, or was when Whetstone ended",
        SendingState.SENT: "was sent",
        SendingState.FAILED: "could not be sent",
    }
    for each in alarm.sendings:
        said = f"{CHANNELS[each.channel]} to {literal(each.target)} {words[each.state]}"
        failed = each.message and each.state is SendingState.FAILED
        st.caption(f"{said}: {literal(each.message)}" if failed else f"{said}.")
    if any(each.state in (SendingState.SENDING, SendingState.FAILED) for each in alarm.sendings):
        st.button(
            "Send again",
            icon=":material/send:",
            key=f"alarm-again-{alarm.id}",
            on_click=_do,
            args=(alarms.send_again, alarm.id),
        )


def _do(what, *arguments) -> None:
    try:
        what(database(), *arguments)
    except WhetstoneError as error:
        st.toast(literal(str(error)), icon=":material/error:")
