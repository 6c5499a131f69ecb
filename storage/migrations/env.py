"""Run by Alembic: migrate over the connection that storage.engines.revisions hands in."""

from alembic import context

from storage.engines.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    on_version_apply=lambda step, **_: context.config.attributes["applied"].append(step),
)
with context.begin_transaction():
    context.run_migrations()
