"""Classes and pairs: dates, second texts' hashes, what a model holds for less likely; monitors."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("documents", sa.Column("second_hash", sa.String(32)))
    op.add_column("documents", sa.Column("date", sa.String(40), nullable=False, server_default=""))
    op.create_index(
        "ix_documents_project_id_second_hash", "documents", ["project_id", "second_hash"]
    )
    op.add_column("suggestions", sa.Column("rank", sa.Integer, nullable=False, server_default="0"))
    _monitors()
    _counted()
    _alarms()


def _monitors() -> None:
    op.create_table(
        "monitors",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("monitors", "projects"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("is_paused", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("signature", sa.String(40), nullable=False, server_default=""),
        sa.Column("next_at", sa.String(40), nullable=False),
        sa.Column("read_at", sa.String(40), nullable=False, server_default=""),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_monitors"),
        sa.UniqueConstraint("project_id", "name", name="uq_monitors_project_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_monitors_next_at", "monitors", ["next_at"])


def _counted() -> None:
    op.create_table(
        "monitor_texts",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("monitor_texts", "monitors"),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("second_text", sa.Text),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("unlike", sa.Boolean),
        sa.PrimaryKeyConstraint("id", name="pk_monitor_texts"),
        sa.UniqueConstraint("monitor_id", "key", name="uq_monitor_texts_monitor_id_key"),
    )
    op.create_index("ix_monitor_texts_monitor_id_date", "monitor_texts", ["monitor_id", "date"])
    op.create_table(
        "monitor_counts",
        _parent("monitor_counts", "monitors"),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("monitor_id", "date", "topic", "label", name="pk_monitor_counts"),
        sqlite_with_rowid=False,
    )


def _alarms() -> None:
    key = ("monitor_id", "kind", "topic", "label", "date")
    op.create_table(
        "monitor_alarms",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("monitor_alarms", "monitors"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("expected", sa.Double, nullable=False),
        sa.Column("p", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("silenced_until", sa.String(10), nullable=False, server_default=""),
        sa.Column("found_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_monitor_alarms"),
        sa.UniqueConstraint(*key, name="uq_monitor_alarms_monitor_id_kind_topic_label_date"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "monitor_sendings",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("monitor_sendings", "monitor_alarms", "alarm_id"),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("target", sa.String(500), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("message", sa.Text, nullable=False, server_default=""),
        sa.Column("next_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_monitor_sendings"),
        sa.UniqueConstraint(
            *("alarm_id", "channel", "target"), name="uq_monitor_sendings_alarm_id_channel_target"
        ),
    )
    op.create_index("ix_monitor_sendings_state", "monitor_sendings", ["state"])


def _parent(table: str, parent: str, name: str = "") -> Any:
    """Return a foreign key column whose rows go when the parent's row goes."""
    column = name or f"{parent.removesuffix('s')}_id"
    key = sa.ForeignKey(f"{parent}.id", name=f"fk_{table}_{column}", ondelete="CASCADE")
    return sa.Column(column, sa.Integer, key, nullable=False)
