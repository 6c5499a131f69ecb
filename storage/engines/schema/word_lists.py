"""Word lists that people gave a project to keep: strings, each with the label that it gets."""

from __future__ import annotations

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent


class WordListRow(Base):
    """A list; a new one under an old one's name takes its place, and its number is another."""

    __tablename__ = "word_lists"
    __table_args__ = (UniqueConstraint("project_id", "name"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    name: Mapped[str] = mapped_column(String(200))
    # In whose name its strings are suggested.
    run_id: Mapped[int] = parent("runs", index=True)
    whole_words: Mapped[bool]
    match_case: Mapped[bool]
    # Whether the coach suggests its strings.
    is_asked: Mapped[bool]
    created_at: Mapped[str] = mapped_column(String(40))


class WordListEntryRow(Base):
    """A string of a list. The label by its id, so that it may be renamed, go and come back."""

    __tablename__ = "word_list_entries"
    __table_args__ = {"sqlite_with_rowid": False}

    list_id: Mapped[int] = parent("word_lists", primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = parent("labels", index=True)
    text: Mapped[str] = mapped_column(Text)
