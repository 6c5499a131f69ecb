"""Versions of models, keys for those who ask them, and what they were asked."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    _create(
        "promotions",
        sa.Column("run_id", sa.Integer),
        sa.Column("run_number", sa.Integer),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        *_made(),
    )
    op.create_index("ix_promotions_project_id_id", "promotions", ["project_id", "id"])
    _create(
        "api_keys",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("start", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        *_made(),
        sa.Column("used_at", sa.String(40)),
        sa.Column("revoked_at", sa.String(40)),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_index("ix_api_keys_project_id_id", "api_keys", ["project_id", "id"])
    _served_texts()


def _served_texts() -> None:
    _create(
        "served_texts",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("second_text", sa.Text),
        sa.Column("spans", sa.JSON, nullable=False),
        sa.Column("doubt", sa.Double, nullable=False),
        sa.Column("unlike", sa.Boolean, nullable=False),
        sa.Column("asked_at", sa.String(40), nullable=False),
        _parent("served_texts", "document", nullable=True),
        sa.UniqueConstraint("project_id", "hash", name="uq_served_texts_project_id_hash"),
    )
    for columns in (["project_id", "document_id", "doubt"], ["asked_at"], ["document_id"]):
        op.create_index(f"ix_served_texts_{'_'.join(columns)}", "served_texts", columns)


def _create(table: str, *columns: sa.schema.SchemaItem) -> None:
    """Create a table of a project's with numbers that are never given twice."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer, nullable=False),
        _parent(table, "project"),
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
