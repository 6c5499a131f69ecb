"""Several people on one project: what each is given, and what they say to each other."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent


class QueueRow(Base):
    """Documents that are to be given to people, and why.

    They are those in ``queue_documents``, or, where ``search`` is one, all that it finds
    (``Search.address``). ``people`` and ``start`` are the project's where they are null.
    """

    __tablename__ = "queues"
    __table_args__ = (UniqueConstraint("project_id", "name"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    search: Mapped[str | None] = mapped_column(Text)
    # How many people each document goes to.
    people: Mapped[int | None]
    # What they start from: "open" (the newest labels), "bare", "suggestions".
    start: Mapped[str | None] = mapped_column(String(20))
    is_closed: Mapped[bool] = mapped_column(server_default=false())
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[str] = mapped_column(String(40))


class QueueDocumentRow(Base):
    """A document of a queue whose documents were named one by one."""

    __tablename__ = "queue_documents"
    __table_args__ = ({"sqlite_with_rowid": False},)

    queue_id: Mapped[int] = parent("queues", primary_key=True)
    document_id: Mapped[int] = parent("documents", primary_key=True, index=True)


class AssignmentRow(Base):
    """A document that is somebody's to label. Without a queue it is from the whole project."""

    __tablename__ = "assignments"
    __table_args__ = (Index(None, "project_id", "annotator"),)

    document_id: Mapped[int] = parent("documents", primary_key=True)
    annotator: Mapped[str] = mapped_column(String(200), primary_key=True)
    project_id: Mapped[int] = parent("projects")
    queue_id: Mapped[int | None] = parent("queues", index=True)
    given_at: Mapped[str] = mapped_column(String(40))


class ThreadRow(Base):
    """A talk about something: ``kind`` says what; the columns that it needs say which.

    A run is named by its number of row and not by a key: what was said outlives a deleted run.
    ``cell`` is ``{"split", "gold", "predicted"}``; ``quote`` the words that it was about then.
    """

    __tablename__ = "threads"
    __table_args__ = (Index(None, "project_id", "id"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    kind: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[int | None] = parent("documents", index=True)
    start: Mapped[int | None]
    end: Mapped[int | None]
    label_id: Mapped[int | None] = parent("labels", index=True)
    run_id: Mapped[int | None]
    cell: Mapped[dict[str, Any] | None]
    quote: Mapped[str] = mapped_column(Text, server_default="")
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[str] = mapped_column(String(40))
    resolved_by: Mapped[str | None] = mapped_column(String(200))
    resolved_at: Mapped[str | None] = mapped_column(String(40))


class CommentRow(Base):
    """What somebody said in a thread."""

    __tablename__ = "comments"
    __table_args__ = (Index(None, "thread_id", "id"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = parent("threads")
    author: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[str] = mapped_column(String(40))
    edited_at: Mapped[str | None] = mapped_column(String(40))


class MentionRow(Base):
    """Somebody who was named in a comment by ``@``; ``folded`` is the name in one case."""

    __tablename__ = "mentions"
    __table_args__ = (Index(None, "folded"),)

    comment_id: Mapped[int] = parent("comments", primary_key=True)
    folded: Mapped[str] = mapped_column(String(400), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[str | None] = mapped_column(String(40))
