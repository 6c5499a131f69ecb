"""Machines that share a database's queue, and which of them works on a run."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("runs", sa.Column("machine_id", sa.String(200)))
    op.create_table(
        "machines",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("boot_id", sa.String(100), nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("tags", "gpus")),
        sa.Column("cores", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("memory", "beats")),
        sa.Column("heard_at", sa.String(40), nullable=False),
        sa.Column("silent", sa.Boolean, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_machines"),
    )
