"""Which documents were opened from a part of a confusion table, to say how many are left."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("split", sa.String(20), nullable=False),
        sa.Column("gold", sa.String(200), nullable=False),
        sa.Column("predicted", sa.String(200), nullable=False),
        sa.Column("only", sa.String(20), nullable=False),
        sa.Column("document_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name="fk_visits_run_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_visits_document_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "split", "gold", "predicted", "only", "document_id", name="pk_visits"
        ),
    )
    op.create_index("ix_visits_document_id", "visits", ["document_id"])
