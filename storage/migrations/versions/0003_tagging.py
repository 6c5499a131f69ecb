"""Suggestions, flags and comments, label guidelines, and edits of many documents as one step."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.journal.stacks import JournalEntry, stacks

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _columns()
    _annotation_tables()
    _history_tables()
    _suggestion_tables()
    _carry_label_ids()
    _fill_steps()


def _columns() -> None:
    for table, names in {
        "projects": ("guideline",),
        "labels": ("positive", "negative"),
        "annotations": ("comment",),
    }.items():
        for name in names:
            column = sa.Column(name, sa.Text, nullable=False, server_default="")
            op.add_column(table, column)
    for table, name in (("labels", "is_deleted"), ("annotations", "flagged")):
        flag = sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())
        op.add_column(table, flag)


def _annotation_tables() -> None:
    op.create_table(
        "rejections",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("rejections", "annotations"),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column(
            "label_id",
            sa.Integer,
            sa.ForeignKey("labels.id", name="fk_rejections_label_id"),
            nullable=False,
        ),
        sa.UniqueConstraint(
            "annotation_id",
            "start",
            "end",
            "label_id",
            name="uq_rejections_annotation_id_start_end_label_id",
        ),
    )
    op.create_index("ix_rejections_label_id", "rejections", ["label_id"])


def _history_tables() -> None:
    op.create_table(
        "actions",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("actions", "projects"),
        sa.Column("annotator", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("documents", sa.Integer, nullable=False),
        sa.Column("spans", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("reverses", sa.Integer),
        sa.Column("request", sa.String(100)),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.UniqueConstraint("request", name="uq_actions_request"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_actions_project_id_id", "actions", ["project_id", "id"])
    op.add_column("journal", sa.Column("action_id", sa.Integer))
    op.create_index("ix_journal_action_id", "journal", ["action_id"])
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("steps", "projects"),
        sa.Column("annotator", sa.String(200), nullable=False),
        _parent("steps", "documents", nullable=True),
        _parent("steps", "actions", nullable=True),
        sa.Column("op", sa.String(100), nullable=False),
        sa.Column("first", sa.String(100), nullable=False),
        sa.Column("turn", sa.String(100), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("journal_id", sa.Integer),
        sa.Column("state", sa.String(10), nullable=False),
    )
    last = ["annotator", "state", "n"]
    op.create_index("ix_steps_newest", "steps", ["project_id", *last])
    op.create_index("ix_steps_document", "steps", ["document_id", *last])
    for name in ("op", "first", "turn"):
        op.create_index(f"ix_steps_{name}", "steps", [name])


def _suggestion_tables() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("suggestions", "runs"),
        _parent("suggestions", "documents"),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("score", sa.Double, nullable=False),
    )
    op.create_index("ix_suggestions_document_id_start", "suggestions", ["document_id", "start"])
    op.create_index(
        "ix_suggestions_run_id_label_score", "suggestions", ["run_id", "label", "score"]
    )
    op.create_table(
        "document_scores",
        _parent("document_scores", "documents", primary_key=True),
        _parent("document_scores", "runs"),
        *(sa.Column(name, sa.Double) for name in ("entropy", "confidence", "margin", "novelty")),
    )
    op.create_index("ix_document_scores_run_id_entropy", "document_scores", ["run_id", "entropy"])


def _parent(table: str, parent: str, **options: Any) -> sa.Column:
    column = f"{parent.removesuffix('s')}_id"
    key = sa.ForeignKey(f"{parent}.id", name=f"fk_{table}_{column}", ondelete="CASCADE")
    return sa.Column(column, sa.Integer, key, **{"nullable": False, **options})


def _carry_label_ids() -> None:
    """Write the label's id into the inverse that names it: a batch names several."""
    connection = op.get_bind()
    journal = sa.table(
        "journal", sa.column("id"), sa.column("inverse", sa.JSON), sa.column("label_id")
    )
    rows = connection.execute(sa.select(journal).where(journal.c.label_id.is_not(None))).all()
    for id, inverse, label_id in rows:
        inverse = json.loads(inverse) if isinstance(inverse, str) else inverse
        place = inverse.get("span", inverse)
        place["label_id"] = label_id
        connection.execute(sa.update(journal).where(journal.c.id == id).values(inverse=inverse))
    op.drop_column("journal", "label_id")


def _fill_steps() -> None:
    """Carry over what could be undone and redone, which was told by document until now."""
    connection = op.get_bind()
    columns = ["project_id", "annotator", "id", "document_id", "client", "seq", "undoes", "redoes"]
    journal = sa.table("journal", *map(sa.column, columns))
    owners: dict[tuple, list] = {}
    for row in connection.execute(sa.select(journal).order_by(journal.c.id)):
        owners.setdefault((row.project_id, row.annotator, row.document_id), []).append(row)
    found = []
    for (project, annotator, document), rows in owners.items():
        undo, redo = stacks(
            JournalEntry(f"{row.client}:{row.seq}", row.undoes, row.redoes, row=row.id)
            for row in rows
        )
        found += [
            {
                "project_id": project,
                "annotator": annotator,
                "document_id": document,
                "op": entry.op,
                "first": entry.first or entry.op,
                "turn": entry.turn,
                "n": entry.row,
                "journal_id": entry.row,
                "state": state,
            }
            for state, stack in (("done", undo), ("undone", redo))
            for entry in stack
        ]
    if found:
        # Of a column that the table does not name, SQLAlchemy would leave the values out.
        steps = sa.table("steps", *map(sa.column, found[0]))
        connection.execute(sa.insert(steps), found)
