"""What a run is for is a column, and so is the run whose model it uses."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(40), nullable=False, server_default="training")
    op.add_column("runs", kind)
    op.add_column("runs", sa.Column("model_of", sa.Integer))
    names = ("id", "kind", "model_of")
    runs = sa.table("runs", *map(sa.column, names), sa.column("settings", sa.JSON))
    connection = op.get_bind()
    for run in connection.execute(sa.select(runs)).all():
        connection.execute(sa.update(runs).where(runs.c.id == run.id).values(_said(run.settings)))


def _said(settings: dict) -> dict:
    """Return what the settings of a run said until now: searches have trials, passes a model."""
    left = {name: value for name, value in settings.items() if name != "model_of"}
    if model := settings.get("model_of"):
        return {"kind": "suggestion pass", "model_of": model, "settings": left}
    kind = "search" if settings.get("trials") else "training"
    return {"kind": kind, "settings": left}
