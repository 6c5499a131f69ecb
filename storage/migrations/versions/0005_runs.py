"""Runs count 1, 2, 3 in their project, have a note and a folder of their own; the database a name.

Suggestion passes have no number. A run remembers the newest edit that its data knew.
"""

from collections import Counter
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    zero: dict[str, Any] = {"nullable": False, "server_default": "0"}
    op.add_column("projects", sa.Column("last_run", sa.Integer, **zero))
    op.add_column("runs", sa.Column("number", sa.Integer))
    op.add_column("runs", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("folder", sa.String(100), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("journal_id", sa.Integer))
    op.create_index("ix_runs_project_id_number", "runs", ["project_id", "number"], unique=True)
    op.create_index("ix_journal_project_id_id", "journal", ["project_id", "id"])
    op.drop_index("ix_journal_project_id", "journal")
    _number()
    _name()


def _number() -> None:
    connection = op.get_bind()
    names = ("id", "project_id", "started_at", "number", "folder", "journal_id")
    runs = sa.table("runs", *map(sa.column, names), sa.column("settings", sa.JSON))
    made: Counter[int] = Counter()
    for row in connection.execute(sa.select(runs).order_by(runs.c.id)).all():
        # Until now a folder was named by the run's id alone.
        values = {"folder": str(row.id), "journal_id": _newest_edit(connection, row)}
        if not row.settings.get("model_of"):
            made[row.project_id] += 1
            values["number"] = made[row.project_id]
        connection.execute(sa.update(runs).where(runs.c.id == row.id).values(values))
    projects = sa.table("projects", sa.column("id"), sa.column("last_run"))
    for project, count in made.items():
        change = sa.update(projects).where(projects.c.id == project).values(last_run=count)
        connection.execute(change)


def _newest_edit(connection: sa.Connection, run: sa.Row) -> int | None:
    """Return the newest edit from before the run was started, by the clock of that time."""
    if run.started_at is None:
        return None
    journal = sa.table("journal", *map(sa.column, ("id", "project_id", "created_at")))
    newest = sa.select(sa.func.coalesce(sa.func.max(journal.c.id), 0))
    own = (journal.c.project_id == run.project_id, journal.c.created_at <= run.started_at)
    return connection.scalar(newest.where(*own))


def _name() -> None:
    settings = sa.table("settings", sa.column("key"), sa.column("value", sa.JSON))
    op.get_bind().execute(sa.insert(settings).values(key="identity", value=str(uuid4())))
