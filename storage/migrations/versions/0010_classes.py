"""Classes and pairs: dates, the second text's hash, what a model holds for less likely."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("documents", sa.Column("second_hash", sa.String(32)))
    op.add_column("documents", sa.Column("date", sa.String(40), nullable=False, server_default=""))
    op.create_index(
        "ix_documents_project_id_second_hash", "documents", ["project_id", "second_hash"]
    )
    op.add_column("suggestions", sa.Column("rank", sa.Integer, nullable=False, server_default="0"))
