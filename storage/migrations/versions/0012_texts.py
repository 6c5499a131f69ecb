"""Folded texts lie in a file beside the database (``storage/texts``), and no longer in it, too."""

from alembic import op

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    op.drop_column("documents", "folded")
