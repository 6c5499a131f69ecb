"""The thread that sends what waits: each alarm once to each address, later again where it failed.

It is taken from the database before it is sent, so no two programs send it. A program that dies
between the two leaves it *sending*: nobody knows whether it arrived, and a person may send it
again; what arrives twice is told apart by its key.
"""

from __future__ import annotations

import logging
import secrets
import smtplib
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.runner import monitors as watching
from engine.runner.notices import email, webhook
from engine.runner.notices.failures import explain
from storage.database.connection import Database
from storage.database.settings import identity
from storage.errors import InputError, NotFoundError, StorageError
from storage.monitors import alarms, monitors, texts
from storage.monitors.alarms import Sending, StoredAlarm
from storage.monitors.monitors import Monitor

PAUSE_SECONDS = 2.0
# After each failure it is tried again so much later; then no more.
AGAIN = (60, 300, 1800, 7200, 21600, 86400)
# Texts that a letter quotes, and so much of each.
QUOTED, LONGEST = 5, 300
# What sending may meet.
FAILURES = (OSError, smtplib.SMTPException, InputError, UnicodeError)
log = logging.getLogger("whetstone.notices")


class Delivery:
    """Sends what waits, in a thread of its own: a slow server keeps nobody else waiting."""

    def __init__(self, db: Database, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._db, self._pause = db, pause_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="notices", daemon=True)

    def start(self) -> None:
        """Begin, with a first look at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being sent."""
        self._stopping.set()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                deliver(self._db)
            except StorageError as error:
                # A busy database, say: what waits still does.
                log.error("No alarm could be sent. %s", error)
            except Exception:
                log.exception("Sending met an error and goes on")
            if self._stopping.wait(self._pause):
                return


def deliver(db: Database, at: datetime | None = None) -> int:
    """Send all that is due and return how many arrived."""
    at = at or datetime.now(UTC)
    arrived = 0
    while sending := alarms.take_due(db, at.isoformat(timespec="milliseconds")):
        problem = _send(db, sending)
        alarms.settle(db, sending.id, problem, _again(at, sending.tries) if problem else "")
        arrived += not problem
    return arrived


def _again(at: datetime, tries: int) -> str:
    """Return when a failed sending is tried again; "" where it was tried often enough."""
    if tries > len(AGAIN):
        return ""
    return (at + timedelta(seconds=AGAIN[tries - 1])).isoformat(timespec="milliseconds")


def _send(db: Database, sending: Sending) -> str:
    """Send and return "", or why it did not work in one sentence."""
    try:
        alarm = alarms.get(db, sending.alarm)
        monitor = monitors.get(db, alarm.monitor)
    except NotFoundError as error:
        return str(error)
    key = f"{identity(db) or 'whetstone'}-{alarm.id}-{sending.channel}"
    try:
        if sending.channel == watching.WEBHOOK:
            webhook.send(sending.target, payload(db, monitor, alarm), key)
        else:
            server = email.server(db)
            if not server.host:
                return "No mail server is named: the Monitor page asks for one."
            email.send(
                server, sending.target, subject(monitor, alarm), _body(db, monitor, alarm), key
            )
    except FAILURES as error:
        return explain(error)
    return ""


def try_letter(db: Database, target: str) -> str:
    """Send a letter that only says that letters arrive; return "", or why it did not work."""
    key = f"{identity(db) or 'whetstone'}-{secrets.token_hex(8)}"
    try:
        words = "Whetstone can send alarms by this mail server."
        email.send(email.server(db), email.check_address(target), "Whetstone: a test", words, key)
    except FAILURES as error:
        return explain(error)
    return ""


def subject(monitor: Monitor, alarm: StoredAlarm) -> str:
    """Return the line that a letter has in a list."""
    return f"{name(alarm)}: {alarm.kind} on {alarm.date} ({monitor.name})"


def name(alarm: StoredAlarm) -> str:
    """Name what an alarm is about."""
    return " × ".join(filter(None, (alarm.topic or "all topics", alarm.label)))


def payload(db: Database, monitor: Monitor, alarm: StoredAlarm) -> dict[str, Any]:
    """Return what a webhook is told."""
    return {
        "monitor": monitor.name,
        "kind": alarm.kind,
        "topic": alarm.topic,
        "label": alarm.label,
        "date": alarm.date.isoformat(),
        "count": alarm.count,
        "expected": round(alarm.expected, 2),
        "p": alarm.p,
        "reason": alarm.reason,
        "texts": [_cut(text) for text in watching.texts_of(db, monitor, alarm)[:QUOTED]],
    }


def _body(db: Database, monitor: Monitor, alarm: StoredAlarm) -> str:
    quoted = [f"- {_cut(text)}" for text in watching.texts_of(db, monitor, alarm)[:QUOTED]]
    lines = [
        f"{name(alarm)}, {alarm.date}",
        "",
        alarm.reason,
        "",
        *(["Some of the texts:", "", *quoted, ""] if quoted else []),
        f"The monitor {monitor.name!r} of Whetstone found this. Its page shows all texts, and lets "
        "you acknowledge or silence the alarm.",
    ]
    return "\n".join(lines)


def _cut(text: texts.DatedText) -> str:
    words = " ".join(text.text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
