"""What all tables have in common: their base, names of constraints, keys of parents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Ids are never used again: a browser may still hold an edit for a deleted document, and a
# deleted run's folder may still lie there.
IDS_ONCE = {"sqlite_autoincrement": True}
# What belongs to a project here, and does not go with it into an archive.
STAYS = {"info": {"stays": True}}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}


def parent(table: str, **options: Any) -> Any:
    """Return a foreign key column whose rows go when the parent's row goes."""
    return mapped_column(ForeignKey(f"{table}.id", ondelete="CASCADE"), **options)
