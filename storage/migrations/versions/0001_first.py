"""Everything the loop needs: projects, documents, annotations, the journal, runs, reports."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _projects()
    _documents()
    _annotations()
    _journal()
    _runs()
    _reports()


def _projects() -> None:
    op.create_table(
        "settings",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("task", sa.String(20), nullable=False),
        sa.Column("allow_overlaps", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("labels", "projects"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("color", sa.String(20), nullable=False),
        sa.Column("key", sa.String(20), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.UniqueConstraint("project_id", "name", name="uq_labels_project_id_name"),
        sqlite_autoincrement=True,
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("documents", "projects"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("split", sa.String(20)),
        sa.Column("group_name", sa.Text, nullable=False),
        sa.Column("text_hash", sa.String(32), nullable=False),
        sa.Column("imported_at", sa.String(40), nullable=False),
        sa.Column("layout", sa.JSON, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("second_text", sa.Text),
        sa.UniqueConstraint("project_id", "position", name="uq_documents_project_id_position"),
        sqlite_autoincrement=True,
    )
    _index("documents", "project_id", "id")
    _index("documents", "project_id", "split", "id")
    _index("documents", "project_id", "text_hash")
    op.create_table(
        "token_boundaries",
        _parent("token_boundaries", "documents", primary_key=True),
        sa.Column("boundaries", sa.JSON, nullable=False),
    )


def _annotations() -> None:
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("annotations", "documents"),
        sa.Column("annotator", sa.String(200), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.String(40), nullable=False),
        sa.UniqueConstraint(
            "document_id", "annotator", name="uq_annotations_document_id_annotator"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_annotations_current",
        "annotations",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "spans",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("spans", "annotations"),
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("label_id", sa.Integer, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("score", sa.Double),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_spans_label_id"),
        sa.UniqueConstraint("annotation_id", "uid", name="uq_spans_annotation_id_uid"),
    )
    _index("spans", "label_id")


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("journal", "projects"),
        _parent("journal", "documents"),
        sa.Column("annotator", sa.String(200), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("base_revision", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("undoes", sa.String(100)),
        sa.Column("redoes", sa.String(100)),
        sa.Column("operation", sa.JSON, nullable=False),
        sa.Column("inverse", sa.JSON, nullable=False),
        sa.Column("label_id", sa.Integer),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.UniqueConstraint("client", "seq", name="uq_journal_client_seq"),
        sqlite_autoincrement=True,
    )
    _index("journal", "project_id")
    _index("journal", "document_id", "annotator", "id")


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("runs", "projects"),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("started_at", sa.String(40)),
        sa.Column("finished_at", sa.String(40)),
        sa.Column("pid", sa.Integer),
        sa.Column("pid_started", sa.Double),
        sa.Column("boot_id", sa.String(100), nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("events_offset", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    _index("runs", "project_id")
    _index("runs", "state", "id")
    op.create_table(
        "metrics",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("metrics", "runs"),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("event", sa.JSON, nullable=False),
        sa.UniqueConstraint("run_id", "epoch", name="uq_metrics_run_id_epoch"),
    )


def _reports() -> None:
    op.create_table(
        "reports",
        _parent("reports", "runs", primary_key=True),
        sa.Column("report", sa.JSON, nullable=False),
        sa.Column("stored_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "predictions",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("predictions", "runs"),
        _parent("predictions", "documents"),
        sa.Column("split", sa.String(20), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("score", sa.Double),
    )
    _index("predictions", "run_id", "document_id")
    _index("predictions", "document_id")
    _pairs()


def _pairs() -> None:
    op.create_table(
        "pairs",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("pairs", "runs"),
        _parent("pairs", "documents"),
        sa.Column("split", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("gold_start", sa.Integer),
        sa.Column("gold_end", sa.Integer),
        sa.Column("gold_label", sa.String(200)),
        sa.Column("predicted_start", sa.Integer),
        sa.Column("predicted_end", sa.Integer),
        sa.Column("predicted_label", sa.String(200)),
        sa.Column("predicted_score", sa.Double),
    )
    op.create_index(
        "ix_pairs_cell", "pairs", ["run_id", "split", "gold_label", "predicted_label", "id"]
    )
    _index("pairs", "document_id")


def _parent(table: str, parent: str, **options: Any) -> sa.Column:
    """Return a foreign key column whose rows go when the parent's row goes."""
    column = f"{parent.removesuffix('s')}_id"
    key = sa.ForeignKey(f"{parent}.id", name=f"fk_{table}_{column}", ondelete="CASCADE")
    return sa.Column(column, sa.Integer, key, nullable=False, **options)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
