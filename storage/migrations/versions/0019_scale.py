"""Indexes for what pages ask of projects of ten million documents and ten thousand runs."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for measure in ("confidence", "margin", "novelty"):
        _index("document_scores", "run_id", measure)
    _index("runs", "project_id", "id")
    op.drop_index("ix_runs_project_id", "runs")
    _index("runs", "finished_at")
    _partial("ix_matches_wrong", "matches", ["run_id", "predicted_score"], "kind <> 'exact'")
    _partial("ix_annotations_other", "annotations", ["document_id"], "NOT is_current")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
