"""Several people on one project, what they say, and what they have found out."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("annotations", sa.Column("guideline", sa.Integer))
    op.add_column("journal", sa.Column("actor", sa.String(200)))
    for column in (
        sa.Column("gold", sa.String(20), nullable=False, server_default="newest"),
        sa.Column("gold_annotator", sa.String(200), nullable=False, server_default=""),
        sa.Column("people", sa.Integer, nullable=False, server_default="1"),
        sa.Column("start", sa.String(20), nullable=False, server_default="open"),
        sa.Column("guideline_version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("card", sa.JSON),
    ):
        op.add_column("projects", column)
    _queues()
    _threads()
    _knowledge()


def _queues() -> None:
    _create(
        "queues",
        _parent("queues", "project"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("search", sa.Text),
        sa.Column("people", sa.Integer),
        sa.Column("start", sa.String(20)),
        sa.Column("is_closed", sa.Boolean, nullable=False, server_default=sa.false()),
        *_made(),
        sa.UniqueConstraint("project_id", "name", name="uq_queues_project_id_name"),
    )
    op.create_table(
        "queue_documents",
        _parent("queue_documents", "queue"),
        _parent("queue_documents", "document"),
        sa.PrimaryKeyConstraint("queue_id", "document_id", name="pk_queue_documents"),
        sqlite_with_rowid=False,
    )
    _index("queue_documents", "document_id")
    op.create_table(
        "assignments",
        _parent("assignments", "document"),
        sa.Column("annotator", sa.String(200), nullable=False),
        _parent("assignments", "project"),
        _parent("assignments", "queue", nullable=True),
        sa.Column("given_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "annotator", name="pk_assignments"),
    )
    _index("assignments", "project_id", "annotator")
    _index("assignments", "queue_id")


def _threads() -> None:
    _create(
        "threads",
        _parent("threads", "project"),
        sa.Column("kind", sa.String(20), nullable=False),
        _parent("threads", "document", nullable=True),
        sa.Column("start", sa.Integer),
        sa.Column("end", sa.Integer),
        _parent("threads", "label", nullable=True),
        sa.Column("run_id", sa.Integer),
        sa.Column("cell", sa.JSON),
        sa.Column("quote", sa.Text, nullable=False, server_default=""),
        *_made(),
        sa.Column("resolved_by", sa.String(200)),
        sa.Column("resolved_at", sa.String(40)),
    )
    _index("threads", "project_id", "id")
    _index("threads", "document_id")
    _index("threads", "label_id")
    _create(
        "comments",
        _parent("comments", "thread"),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("edited_at", sa.String(40)),
    )
    _index("comments", "thread_id", "id")
    op.create_table(
        "mentions",
        _parent("mentions", "comment"),
        sa.Column("folded", sa.String(400), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("seen_at", sa.String(40)),
        sa.PrimaryKeyConstraint("comment_id", "folded", name="pk_mentions"),
    )
    _index("mentions", "folded")


def _knowledge() -> None:
    _create(
        "guideline_versions",
        _parent("guideline_versions", "project"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("author", sa.String(200), nullable=False, server_default=""),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.UniqueConstraint("project_id", "number", name="uq_guideline_versions_project_id_number"),
    )
    _create(
        "label_examples",
        _parent("label_examples", "project"),
        _parent("label_examples", "label"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("second_text", sa.Text),
        sa.Column("start", sa.Integer),
        sa.Column("end", sa.Integer),
        sa.Column("document_id", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
    )
    _index("label_examples", "project_id", "label_id")
    _index("label_examples", "label_id")
    _create(
        "notebook_entries",
        _parent("notebook_entries", "project"),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("goal", sa.Text, nullable=False, server_default=""),
        sa.Column("about", sa.JSON, nullable=False),
        *(
            sa.Column(name, sa.Integer)
            for name in ("run_id", "closed_run_id", "journal_id", "closed_journal_id")
        ),
        sa.Column("done", sa.JSON, nullable=False),
        sa.Column("brought", sa.JSON),
        sa.Column("lesson", sa.Text, nullable=False, server_default=""),
        sa.Column("lesson_by", sa.String(200), nullable=False, server_default=""),
        sa.Column("opened_by", sa.String(200), nullable=False),
        sa.Column("opened_at", sa.String(40), nullable=False),
        sa.Column("closed_at", sa.String(40)),
    )
    _index("notebook_entries", "project_id", "id")


def _create(table: str, *columns: sa.schema.SchemaItem) -> None:
    """Create a table with numbers that are never given twice."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )


def _made() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
    )


def _parent(table: str, name: str, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{name}s.id", name=f"fk_{table}_{name}_id", ondelete="CASCADE")
    return sa.Column(f"{name}_id", sa.Integer, key, nullable=nullable)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
