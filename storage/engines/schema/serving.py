"""Models that leave home: promoted versions, keys for their callers, and what they were asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, STAYS, Base, parent


class PromotionRow(Base):
    """A run that became the project's candidate or live model. Rows are only ever added.

    ``kind`` is "promote" or "rollback". ``digest`` is the hash of the model's manifest at that
    moment. The run may be gone by now: ``run_number`` is what people call it.
    """

    __tablename__ = "promotions"
    __table_args__ = (Index(None, "project_id", "id"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    run_id: Mapped[int | None]
    run_number: Mapped[int | None]
    stage: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, server_default="")
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[str] = mapped_column(String(40))


class ApiKeyRow(Base):
    """Who may ask a project's served model. Of the secret only its hash and its beginning."""

    __tablename__ = "api_keys"
    __table_args__ = (Index(None, "project_id", "id"), {**IDS_ONCE, **STAYS})

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    name: Mapped[str] = mapped_column(String(200))
    start: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[str] = mapped_column(String(40))
    used_at: Mapped[str | None] = mapped_column(String(40))
    revoked_at: Mapped[str | None] = mapped_column(String(40))


class ServedTextRow(Base):
    """A text that a served model was asked, kept for some days if the project wants that.

    ``hash`` is ``storage.hashing.document_hash``. ``spans`` is ``[[start, end, label, score], …]``.
    One that became a document keeps its place in the queue, and its texts go with the others.
    """

    __tablename__ = "served_texts"
    __table_args__ = (
        UniqueConstraint("project_id", "hash"),
        Index(None, "project_id", "document_id", "doubt"),
        Index(None, "asked_at"),
        {**IDS_ONCE, **STAYS},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    run_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    second_text: Mapped[str | None] = mapped_column(Text)
    spans: Mapped[list[Any]]
    doubt: Mapped[float]
    unlike: Mapped[bool]
    asked_at: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[int | None] = parent("documents", index=True)
