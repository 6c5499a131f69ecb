"""Pairs become matches, as a pair is a task of its own; a table that nobody read goes.

Every predicted span of a report stands in a match, and in the run's folder.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.drop_table("predictions")
    op.drop_index("ix_pairs_cell", "pairs")
    op.drop_index("ix_pairs_document_id", "pairs")
    op.rename_table("pairs", "matches")
    cell = ["run_id", "split", "gold_label", "predicted_label", "id"]
    op.create_index("ix_matches_cell", "matches", cell)
    op.create_index("ix_matches_document_id", "matches", ["document_id"])
    if op.get_bind().dialect.name == "postgresql":
        _rename_constraints()


def _rename_constraints() -> None:
    """Let names follow the table's; SQLite has none that anybody could speak of."""
    op.execute("ALTER SEQUENCE pairs_id_seq RENAME TO matches_id_seq")
    for name in ("pk_{}", "fk_{}_run_id", "fk_{}_document_id"):
        old, new = name.format("pairs"), name.format("matches")
        op.execute(sa.text(f"ALTER TABLE matches RENAME CONSTRAINT {old} TO {new}"))
