"""Projects, their labels, and documents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent


class ProjectRow(Base):
    __tablename__ = "projects"
    __table_args__ = (IDS_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    task: Mapped[str] = mapped_column(String(20))
    allow_overlaps: Mapped[bool]
    guideline: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[str] = mapped_column(String(40))
    # The number of the newest run that a person started; none is given twice.
    last_run: Mapped[int] = mapped_column(server_default="0")
    # Whose labels count where several have labelled; the name where it is one person's.
    gold: Mapped[str] = mapped_column(String(20), server_default="newest")
    gold_annotator: Mapped[str] = mapped_column(String(200), server_default="")
    # How many people each document goes to, and what they start from (see ``QueueRow``).
    people: Mapped[int] = mapped_column(server_default="1")
    start: Mapped[str] = mapped_column(String(20), server_default="open")
    # The number of the version in force.
    guideline_version: Mapped[int] = mapped_column(server_default="1")
    # What people answered once for its data card and its models' cards.
    card: Mapped[dict[str, Any] | None]


class LabelRow(Base):
    """A deleted label's row stays: the journal speaks of it, and it can come back."""

    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("project_id", "name"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    name: Mapped[str] = mapped_column(String(200))
    color: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(Text)
    # One example of what is meant, and one of what is not.
    positive: Mapped[str] = mapped_column(Text, server_default="")
    negative: Mapped[str] = mapped_column(Text, server_default="")
    position: Mapped[int]
    is_deleted: Mapped[bool] = mapped_column(server_default=false())
    # The label that it was merged into, where that is why it is deleted.
    merged_into: Mapped[int | None]


class DocumentRow(Base):
    __tablename__ = "documents"
    __table_args__ = (
        Index(None, "project_id", "id"),
        Index(None, "project_id", "split", "id"),
        Index(None, "project_id", "text_hash"),
        Index(None, "project_id", "second_hash"),
        UniqueConstraint("project_id", "position"),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    split: Mapped[str | None] = mapped_column(String(20))
    group: Mapped[str] = mapped_column("group_name", Text)
    text_hash: Mapped[str] = mapped_column(String(32))
    imported_at: Mapped[str] = mapped_column(String(40))
    layout: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(Text)
    second_text: Mapped[str | None] = mapped_column(Text)
    # Of the second text, where there is one: ``text_hash`` is of the first alone.
    second_hash: Mapped[str | None] = mapped_column(String(32))
    # When the text was written, as ISO 8601; empty where nobody said.
    date: Mapped[str] = mapped_column(String(40), server_default="")


class TokensRow(Base):
    __tablename__ = "token_boundaries"

    document_id: Mapped[int] = parent("documents", primary_key=True)
    # Flat: start, end, start, end … in code points.
    boundaries: Mapped[list[Any]]


class SettingRow(Base):
    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
