"""What a look into runs brings: facts of matches, slices, suspects, neighbours, confirmations."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
FACTS = (
    *(("error", sa.String(20)), ("border", sa.String(10)), ("length", sa.Integer)),
    *(("document_length", sa.Integer), ("seen", sa.Boolean)),
)


def upgrade() -> None:
    for name, kind in FACTS:
        op.add_column("matches", sa.Column(name, kind))
    errors = ["run_id", "split", "kind", "gold_label", "predicted_label"]
    op.create_index("ix_matches_errors", "matches", errors)
    op.drop_index("ix_matches_document_id", "matches")
    op.create_index("ix_matches_document_id_run_id", "matches", ["document_id", "run_id"])
    _annotations()
    _slices()
    _suspects()
    _texts()


def _annotations() -> None:
    op.create_table(
        "confirmations",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("confirmations", "annotations"),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column(
            "label_id",
            sa.Integer,
            sa.ForeignKey("labels.id", name="fk_confirmations_label_id"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_confirmations"),
        sa.UniqueConstraint(
            *("annotation_id", "start", "end", "label_id"),
            name="uq_confirmations_annotation_id_start_end_label_id",
        ),
    )
    op.create_index("ix_confirmations_label_id", "confirmations", ["label_id"])


def _slices() -> None:
    op.create_table(
        "match_slices",
        _parent("match_slices", "matches", "match_id"),
        sa.Column("name", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("match_id", "name", name="pk_match_slices"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_slices_name", "match_slices", ["name"])
    op.create_table(
        "own_slices",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("own_slices", "projects"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_own_slices"),
        sa.UniqueConstraint("project_id", "name", name="uq_own_slices_project_id_name"),
        sqlite_autoincrement=True,
    )


def _suspects() -> None:
    op.create_table(
        "suspects",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("suspects", "runs"),
        _parent("suspects", "documents"),
        *(
            column
            for side in ("given", "suggested")
            for column in (
                sa.Column(f"{side}_start", sa.Integer),
                sa.Column(f"{side}_end", sa.Integer),
                sa.Column(f"{side}_label", sa.String(200)),
            )
        ),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suspects"),
    )
    op.create_index("ix_suspects_run_id_id", "suspects", ["run_id", "id"])
    op.create_index("ix_suspects_document_id", "suspects", ["document_id"])


def _texts() -> None:
    op.create_table(
        "neighbours",
        _parent("neighbours", "runs"),
        _parent("neighbours", "documents"),
        sa.Column("rank", sa.Integer, nullable=False),
        _parent("neighbours", "documents", "neighbour_id"),
        sa.Column("similarity", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "document_id", "rank", name="pk_neighbours"),
    )
    op.create_index("ix_neighbours_document_id", "neighbours", ["document_id"])
    op.create_index("ix_neighbours_neighbour_id", "neighbours", ["neighbour_id"])
    op.create_table(
        "stress_failures",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("stress_failures", "runs"),
        _parent("stress_failures", "documents"),
        sa.Column("test", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("expected", sa.JSON, nullable=False),
        sa.Column("found", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stress_failures"),
    )
    op.create_index(
        "ix_stress_failures_run_id_test_id", "stress_failures", ["run_id", "test", "id"]
    )
    op.create_index("ix_stress_failures_document_id", "stress_failures", ["document_id"])


def _parent(table: str, parent: str, name: str = "") -> Any:
    """Return a foreign key column whose rows go when the parent's row goes."""
    column = name or f"{parent.removesuffix('s')}_id"
    key = sa.ForeignKey(f"{parent}.id", name=f"fk_{table}_{column}", ondelete="CASCADE")
    return sa.Column(column, sa.Integer, key, nullable=False)
