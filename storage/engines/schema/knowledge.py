"""What a team has found out: versions of its guideline, examples, rounds of its notebook."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent


class GuidelineVersionRow(Base):
    """What the guideline and the labels said from a moment on. Rows are only ever added.

    ``labels`` is a list of ``{"id", "name", "description", "positive", "negative", "examples"}``.
    The version in force has a row once it was superseded, or was made by a change.
    """

    __tablename__ = "guideline_versions"
    __table_args__ = (UniqueConstraint("project_id", "number"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    labels: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text, server_default="")
    author: Mapped[str] = mapped_column(String(200), server_default="")
    created_at: Mapped[str] = mapped_column(String(40))


class ExampleRow(Base):
    """A sentence that shows what a label is ("positive") or is not ("negative"), and why.

    ``start`` and ``end`` are code points in ``text``. The document it was taken from may be gone.
    """

    __tablename__ = "label_examples"
    __table_args__ = (Index(None, "project_id", "label_id"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    label_id: Mapped[int] = parent("labels", index=True)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    second_text: Mapped[str | None] = mapped_column(Text)
    start: Mapped[int | None]
    end: Mapped[int | None]
    document_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[str] = mapped_column(String(40))


class NotebookEntryRow(Base):
    """A round: a goal, what was weakest, what was done, what it brought, the lesson.

    ``about`` is ``{"split", "gold", "predicted"}`` or ``{"label"}``: names, as in a report.
    ``run_id`` is the run that showed it, ``closed_run_id`` the one that ended the round; they are
    no keys, for an entry outlives them. The journal's newest edits of then bound what was done.
    """

    __tablename__ = "notebook_entries"
    __table_args__ = (Index(None, "project_id", "id"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    state: Mapped[str] = mapped_column(String(20))
    goal: Mapped[str] = mapped_column(Text, server_default="")
    about: Mapped[dict[str, Any]]
    run_id: Mapped[int | None]
    closed_run_id: Mapped[int | None]
    journal_id: Mapped[int | None]
    closed_journal_id: Mapped[int | None]
    # What was done, and what it brought: as told at its end, so that it stays true.
    done: Mapped[list[Any]]
    brought: Mapped[dict[str, Any] | None]
    lesson: Mapped[str] = mapped_column(Text, server_default="")
    lesson_by: Mapped[str] = mapped_column(String(200), server_default="")
    opened_by: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[str] = mapped_column(String(40))
    closed_at: Mapped[str | None] = mapped_column(String(40))
