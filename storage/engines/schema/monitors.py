"""Monitors: what is watched, the texts that were counted, the counts, the alarms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent


class MonitorRow(Base):
    """A source of dated texts that is read again and again."""

    __tablename__ = "monitors"
    __table_args__ = (UniqueConstraint("project_id", "name"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    name: Mapped[str] = mapped_column(String(200))
    # Source, columns, models, rate, recipients: see ``storage.monitors.monitors.Watching``.
    settings: Mapped[dict[str, Any]]
    is_paused: Mapped[bool] = mapped_column(server_default=false())
    # What the source was like when all of it had been read; "" where something is left.
    signature: Mapped[str] = mapped_column(String(40), server_default="")
    next_at: Mapped[str] = mapped_column(String(40), index=True)
    read_at: Mapped[str] = mapped_column(String(40), server_default="")
    # What the last reading left out, and what went wrong, for people.
    told: Mapped[dict[str, Any]]
    created_at: Mapped[str] = mapped_column(String(40))


class MonitorTextRow(Base):
    """A text that was counted, once for all times: its key is its own in the monitor."""

    __tablename__ = "monitor_texts"
    __table_args__ = (
        UniqueConstraint("monitor_id", "key"),
        Index(None, "monitor_id", "date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    monitor_id: Mapped[int] = parent("monitors")
    key: Mapped[str] = mapped_column(String(32))
    # The day as ISO 8601.
    date: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    second_text: Mapped[str | None] = mapped_column(Text)
    # What the models mark: ``[start, end, label, score]``.
    topics: Mapped[list[Any]]
    labels: Mapped[list[Any]]
    unlike: Mapped[bool | None]


class MonitorCountRow(Base):
    """How many of the texts of a day are about a topic and have a label; "" is any."""

    __tablename__ = "monitor_counts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    monitor_id: Mapped[int] = parent("monitors", primary_key=True)
    date: Mapped[str] = mapped_column(String(10), primary_key=True)
    topic: Mapped[str] = mapped_column(String(200), primary_key=True)
    label: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int]


class MonitorAlarmRow(Base):
    """An alarm, and what became of it; found again it is the same one."""

    __tablename__ = "monitor_alarms"
    __table_args__ = (
        UniqueConstraint("monitor_id", "kind", "topic", "label", "date"),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    monitor_id: Mapped[int] = parent("monitors")
    kind: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(200))
    label: Mapped[str] = mapped_column(String(200))
    date: Mapped[str] = mapped_column(String(10))
    count: Mapped[int]
    expected: Mapped[float]
    p: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    silenced_until: Mapped[str] = mapped_column(String(10), server_default="")
    found_at: Mapped[str] = mapped_column(String(40))


class MonitorSendingRow(Base):
    """An alarm on its way to somebody: it is sent once."""

    __tablename__ = "monitor_sendings"
    __table_args__ = (UniqueConstraint("alarm_id", "channel", "target"), Index(None, "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    alarm_id: Mapped[int] = parent("monitor_alarms")
    channel: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(20))
    tries: Mapped[int] = mapped_column(server_default="0")
    message: Mapped[str] = mapped_column(Text, server_default="")
    next_at: Mapped[str] = mapped_column(String(40))
