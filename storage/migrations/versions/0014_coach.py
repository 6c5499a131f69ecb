"""What is suggested says by which revision of a learner; how people took it; what was expected."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("document_scores", sa.Column("revision", sa.Integer))
    op.add_column("runs", sa.Column("expected", sa.JSON))
    op.create_table(
        "suggestion_outcomes",
        *(_parent(table) for table in ("document", "run")),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("kept", "dropped", "added")),
        sa.Column("scores", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("document_id", "run_id", name="pk_suggestion_outcomes"),
    )
    op.create_index(
        "ix_suggestion_outcomes_run_id_entry", "suggestion_outcomes", ["run_id", "entry"]
    )


def _parent(table: str) -> sa.Column:
    name = f"fk_suggestion_outcomes_{table}_id"
    key = sa.ForeignKey(f"{table}s.id", name=name, ondelete="CASCADE")
    return sa.Column(f"{table}_id", sa.Integer, key, nullable=False)
