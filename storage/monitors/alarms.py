"""Alarms of monitors: found once, sent once, acknowledged, silenced."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import MonitorAlarmRow, MonitorSendingRow
from storage.errors import NotFoundError
from storage.permissions import Ability, needs


class AlarmState(StrEnum):
    """What became of an alarm."""

    NEW = "new"
    PAST = "past"
    """It was found in what had come before the monitor was made: nobody is woken by it."""
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"


class SendingState(StrEnum):
    """Where an alarm is on its way to somebody."""

    WAITING = "waiting"
    SENDING = "sending"
    """Handed over at this moment; found so after a restart, nobody knows whether it arrived."""
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sending:
    """An alarm on its way to one address."""

    id: int
    alarm: int
    channel: str
    target: str
    state: SendingState
    tries: int
    message: str


@dataclass(frozen=True, slots=True)
class StoredAlarm:
    """An alarm as the database knows it."""

    kind: str
    topic: str
    label: str
    date: date
    count: int
    expected: float
    p: float
    reason: str
    state: AlarmState = AlarmState.NEW
    silenced_until: str = ""
    id: int = 0
    monitor: int = 0
    sendings: tuple[Sending, ...] = field(default=())


def add(
    db: Database,
    monitor_id: int,
    found: Iterable[StoredAlarm],
    targets: Collection[tuple[str, str]],
) -> list[StoredAlarm]:
    """Store the alarms that are new and return them; what is known of the others is renewed.

    New ones are sent to the ``targets`` (channel, address), unless their topic and label are
    silenced, or they are of what came before.
    """
    added = []
    with db.write() as session:
        own = MonitorAlarmRow.monitor_id == monitor_id
        rows = list(session.scalars(select(MonitorAlarmRow).where(own)))
        known = {(row.kind, row.topic, row.label, row.date): row for row in rows}
        silent = {(row.topic, row.label): row.silenced_until for row in rows if row.silenced_until}
        for alarm in found:
            place = (alarm.kind, alarm.topic, alarm.label, alarm.date.isoformat())
            if place in known:
                _renew(known[place], alarm)
                continue
            until = silent.get((alarm.topic, alarm.label), "")
            row = _new_row(monitor_id, alarm, until)
            known[place] = row
            session.add(row)
            session.flush()
            if row.state == AlarmState.NEW:
                session.add_all(_sending_row(row.id, *target) for target in targets)
            added.append(_alarm(row, ()))
    return added


def of_monitor(db: Database, monitor_id: int) -> list[StoredAlarm]:
    """Return a monitor's alarms, the newest first."""
    query = (
        select(MonitorAlarmRow)
        .where(MonitorAlarmRow.monitor_id == monitor_id)
        .order_by(MonitorAlarmRow.date.desc(), MonitorAlarmRow.p, MonitorAlarmRow.id)
    )
    with db.read() as session:
        rows = list(session.scalars(query))
        sendings = _sendings(session, [row.id for row in rows])
        return [_alarm(row, sendings.get(row.id, [])) for row in rows]


def get(db: Database, alarm_id: int) -> StoredAlarm:
    """Return an alarm; raises NotFoundError."""
    with db.read() as session:
        row = _required(session, alarm_id)
        return _alarm(row, _sendings(session, [alarm_id]).get(alarm_id, []))


@needs(Ability.MANAGE)
def acknowledge(db: Database, alarm_id: int, acknowledged: bool = True) -> None:
    """Note that somebody knows of it: what is not sent yet is not sent any more."""
    with db.write() as session:
        row = _required(session, alarm_id)
        row.state = AlarmState.ACKNOWLEDGED if acknowledged else AlarmState.NEW
        if acknowledged:
            _stop_sending(session, alarm_id)


@needs(Ability.MANAGE)
def silence(db: Database, alarm_id: int, until: date | None) -> None:
    """Send no alarm of this topic and label that is dated up to a day; None: send them again."""
    with db.write() as session:
        row = _required(session, alarm_id)
        row.state = AlarmState.SILENCED if until else AlarmState.NEW
        same = (
            MonitorAlarmRow.monitor_id == row.monitor_id,
            MonitorAlarmRow.topic == row.topic,
            MonitorAlarmRow.label == row.label,
        )
        # One silence a topic and label: the last word counts.
        session.execute(update(MonitorAlarmRow).where(*same).values(silenced_until=""))
        row.silenced_until = until.isoformat() if until else ""
        if until:
            _stop_sending(session, alarm_id)


def take_due(db: Database, at: str) -> Sending | None:
    """Take the next sending whose time has come, and mark it as being sent; None without one.

    Who takes it sends it: no other process gets it, and none sends it again by itself.
    """
    waiting = MonitorSendingRow.state.in_((SendingState.WAITING, SendingState.FAILED))
    query = select(MonitorSendingRow).where(waiting, MonitorSendingRow.next_at <= at)
    with db.read() as session:
        if session.scalar(query.limit(1)) is None:
            return None
    with db.write() as session:
        row = session.scalar(
            query.order_by(MonitorSendingRow.id).limit(1).with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.state, row.tries = SendingState.SENDING, row.tries + 1
        return _sending(row)


def settle(db: Database, sending_id: int, message: str = "", next_at: str = "") -> None:
    """Note that it was sent, or with a message why not and when it is tried again ("": never)."""
    with db.write() as session:
        row = session.get(MonitorSendingRow, sending_id)
        if row is None:
            return
        row.state = SendingState.FAILED if message else SendingState.SENT
        row.message, row.next_at = message, next_at or _NEVER


def send_again(db: Database, alarm_id: int) -> None:
    """Send an alarm once more wherever it did not surely arrive."""
    with db.write() as session:
        unsure = (
            MonitorSendingRow.alarm_id == alarm_id,
            MonitorSendingRow.state != SendingState.SENT,
        )
        session.execute(
            update(MonitorSendingRow)
            .where(*unsure)
            .values(state=SendingState.WAITING, next_at=now(), tries=0)
        )


# Later than every time.
_NEVER = "9999"


def _stop_sending(session: Session, alarm_id: int) -> None:
    waiting = (
        MonitorSendingRow.alarm_id == alarm_id,
        MonitorSendingRow.state.in_((SendingState.WAITING, SendingState.FAILED)),
    )
    session.execute(update(MonitorSendingRow).where(*waiting).values(next_at=_NEVER))


def _required(session: Session, alarm_id: int) -> MonitorAlarmRow:
    row = session.get(MonitorAlarmRow, alarm_id)
    if row is None:
        raise NotFoundError(f"There is no alarm {alarm_id}: its monitor may have been deleted.")
    return row


def _renew(row: MonitorAlarmRow, alarm: StoredAlarm) -> None:
    """Say what is true by now: the day of a surge may have grown since it was told."""
    row.count, row.expected = alarm.count, alarm.expected
    row.p, row.reason = alarm.p, alarm.reason


def _new_row(monitor_id: int, alarm: StoredAlarm, until: str) -> MonitorAlarmRow:
    day = alarm.date.isoformat()
    silent = alarm.state is AlarmState.NEW and day <= until
    return MonitorAlarmRow(
        monitor_id=monitor_id,
        kind=alarm.kind,
        topic=alarm.topic,
        label=alarm.label,
        date=day,
        count=alarm.count,
        expected=alarm.expected,
        p=alarm.p,
        reason=alarm.reason,
        state=AlarmState.SILENCED if silent else alarm.state,
        silenced_until="",
        found_at=now(),
    )


def _sending_row(alarm_id: int, channel: str, target: str) -> MonitorSendingRow:
    return MonitorSendingRow(
        alarm_id=alarm_id,
        channel=channel,
        target=target,
        state=SendingState.WAITING,
        tries=0,
        message="",
        next_at=now(),
    )


def _sendings(session: Session, alarms: list[int]) -> dict[int, list[Sending]]:
    query = select(MonitorSendingRow).where(MonitorSendingRow.alarm_id.in_(alarms[:500]))
    found: dict[int, list[Sending]] = {}
    for row in session.scalars(query.order_by(MonitorSendingRow.id)):
        found.setdefault(row.alarm_id, []).append(_sending(row))
    return found


def _sending(row: MonitorSendingRow) -> Sending:
    state = SendingState(row.state)
    return Sending(row.id, row.alarm_id, row.channel, row.target, state, row.tries, row.message)


def _alarm(row: MonitorAlarmRow, sendings: Iterable[Sending]) -> StoredAlarm:
    return StoredAlarm(
        row.kind,
        row.topic,
        row.label,
        date.fromisoformat(row.date),
        row.count,
        row.expected,
        row.p,
        row.reason,
        AlarmState(row.state),
        row.silenced_until,
        row.id,
        row.monitor_id,
        tuple(sendings),
    )
