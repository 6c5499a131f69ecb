"""Texts in one case, so that a search need not fold 100,000 of them."""

import sqlalchemy as sa
from alembic import op

from storage.engines.queries import chunks
from storage.folding import fold_document

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("documents", sa.Column("folded", sa.Text, nullable=False, server_default=""))
    connection = op.get_bind()
    names = ("id", "text", "name", "folded")
    documents = sa.table("documents", *map(sa.column, names))
    change = (
        sa.update(documents)
        .where(documents.c.id == sa.bindparam("row"))
        .values(folded=sa.bindparam("found"))
    )
    for ids in chunks(connection.scalars(sa.select(documents.c.id)).all()):
        rows = connection.execute(sa.select(documents).where(documents.c.id.in_(ids)))
        folded = [{"row": row.id, "found": fold_document(row.text, row.name)} for row in rows]
        connection.execute(change, folded)
