"""What a look into runs brings: slices, suspects, neighbours, texts that a model fails on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent


class MatchSliceRow(Base):
    """A match of a report is in a slice: a computed group that a task or an inspection knows."""

    __tablename__ = "match_slices"
    # There are many, and nobody asks for one by another number.
    __table_args__ = (Index(None, "name"), {"sqlite_with_rowid": False})

    match_id: Mapped[int] = parent("matches", primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)


class OwnSliceRow(Base):
    """A slice that people made: the documents that a search finds (``Search.address``)."""

    __tablename__ = "own_slices"
    __table_args__ = (UniqueConstraint("project_id", "name"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    name: Mapped[str] = mapped_column(String(200))
    search: Mapped[str] = mapped_column(Text)
    created_at: Mapped[str] = mapped_column(String(40))


class SuspectRow(Base):
    """A mark that is probably wrong, or one that is probably missing, in the order of doubt.

    Label names, not ids: as in a report. ``given`` or ``suggested`` is there.
    """

    __tablename__ = "suspects"
    __table_args__ = (Index(None, "run_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = parent("runs")
    document_id: Mapped[int] = parent("documents", index=True)
    given_start: Mapped[int | None]
    given_end: Mapped[int | None]
    given_label: Mapped[str | None] = mapped_column(String(200))
    suggested_start: Mapped[int | None]
    suggested_end: Mapped[int | None]
    suggested_label: Mapped[str | None] = mapped_column(String(200))
    score: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)


class NeighbourRow(Base):
    """A document of train that is like another one, the nearest first. ``run_id`` inspected it."""

    __tablename__ = "neighbours"

    run_id: Mapped[int] = parent("runs", primary_key=True)
    document_id: Mapped[int] = parent("documents", primary_key=True, index=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    neighbour_id: Mapped[int] = parent("documents", index=True)
    similarity: Mapped[float]


class StressFailureRow(Base):
    """A changed text on which a model no longer finds what it found before.

    ``expected`` and ``found`` are marks in the changed text: ``[{"start", "end", "label"}]``.
    """

    __tablename__ = "stress_failures"
    __table_args__ = (Index(None, "run_id", "test", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = parent("runs")
    document_id: Mapped[int] = parent("documents", index=True)
    test: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    expected: Mapped[list[Any]]
    found: Mapped[list[Any]]
