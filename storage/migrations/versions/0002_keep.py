"""A run that is asked to stop may be asked to keep the best model so far."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # The default serves the rows that are there; the models always name a value.
    op.add_column(
        "runs", sa.Column("cancel_keep", sa.Boolean, nullable=False, server_default=sa.false())
    )
