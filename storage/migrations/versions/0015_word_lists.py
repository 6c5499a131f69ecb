"""Word lists are kept with a project; a label that was merged says into which one."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("labels", sa.Column("merged_into", sa.Integer))
    op.create_table(
        "word_lists",
        sa.Column("id", sa.Integer, nullable=False),
        _parent("word_lists", "project"),
        sa.Column("name", sa.String(200), nullable=False),
        _parent("word_lists", "run"),
        *(
            sa.Column(name, sa.Boolean, nullable=False)
            for name in ("whole_words", "match_case", "is_asked")
        ),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_word_lists"),
        sa.UniqueConstraint("project_id", "name", name="uq_word_lists_project_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_word_lists_run_id", "word_lists", ["run_id"])
    op.create_table(
        "word_list_entries",
        _parent("word_list_entries", "list", "word_lists"),
        sa.Column("place", sa.Integer, nullable=False),
        _parent("word_list_entries", "label"),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("list_id", "place", name="pk_word_list_entries"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_word_list_entries_label_id", "word_list_entries", ["label_id"])


def _parent(table: str, name: str, parents: str = "") -> sa.Column:
    key = sa.ForeignKey(
        f"{parents or name + 's'}.id", name=f"fk_{table}_{name}_id", ondelete="CASCADE"
    )
    return sa.Column(f"{name}_id", sa.Integer, key, nullable=False)
