"""What annotators did to documents: annotations with their spans, and the journal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent


class AnnotationRow(Base):
    """One annotator's work on a document. ``is_current`` marks its document's gold one.

    Which one that is, is the project's policy (``storage.collaboration.gold``): the newest, as a
    rule. A mark and not a time, because clocks jump; the partial unique index holds it to one.
    """

    __tablename__ = "annotations"
    __table_args__ = (
        UniqueConstraint("document_id", "annotator"),
        Index(
            "uq_annotations_current",
            "document_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        # Of most documents there is one version, which is the current one: those with several.
        Index(
            "ix_annotations_other",
            "document_id",
            sqlite_where=text("NOT is_current"),
            postgresql_where=text("NOT is_current"),
        ),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = parent("documents")
    annotator: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    is_current: Mapped[bool]
    flagged: Mapped[bool] = mapped_column(server_default=false())
    comment: Mapped[str] = mapped_column(Text, server_default="")
    # The number of the guideline's version at the newest edit; null where that was not known.
    guideline: Mapped[int | None]
    updated_at: Mapped[str] = mapped_column(String(40))


class SpanRow(Base):
    """``uid`` is the name that the browser or the import gave the span, ``id`` the row's own."""

    __tablename__ = "spans"
    __table_args__ = (UniqueConstraint("annotation_id", "uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    annotation_id: Mapped[int] = parent("annotations")
    uid: Mapped[str] = mapped_column(String(64))
    start: Mapped[int]
    end: Mapped[int]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    source: Mapped[str] = mapped_column(String(20))
    score: Mapped[float | None]


class RejectionRow(Base):
    """A suggestion that an annotator turned down; it is not made again."""

    __tablename__ = "rejections"
    __table_args__ = (UniqueConstraint("annotation_id", "start", "end", "label_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    annotation_id: Mapped[int] = parent("annotations")
    start: Mapped[int]
    end: Mapped[int]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)


class ConfirmationRow(Base):
    """A mark that an annotator looked at and found right; nobody needs to ask about it again."""

    __tablename__ = "confirmations"
    __table_args__ = (UniqueConstraint("annotation_id", "start", "end", "label_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    annotation_id: Mapped[int] = parent("annotations")
    start: Mapped[int]
    end: Mapped[int]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)


class ActionRow(Base):
    """An edit of many documents, or of the labels, in one step. Rows are only ever added.

    ``detail`` holds what changed besides annotations: ``{"before": …, "after": …}``.
    """

    __tablename__ = "actions"
    __table_args__ = (Index(None, "project_id", "id"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    annotator: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]]
    documents: Mapped[int]
    spans: Mapped[int]
    skipped: Mapped[int]
    reverses: Mapped[int | None]
    # What a client called it, so that a repeated request is answered and not done again.
    request: Mapped[str | None] = mapped_column(String(100), unique=True)
    created_at: Mapped[str] = mapped_column(String(40))


class StepRow(Base):
    """What an annotator can undo ("done") or redo ("undone"), in the order of ``n``.

    A digest of the journal, so that no undo needs to read it whole. A step is an edit of one
    document, or an action.
    """

    __tablename__ = "steps"
    __table_args__ = (
        Index("ix_steps_newest", "project_id", "annotator", "state", "n"),
        Index("ix_steps_document", "document_id", "annotator", "state", "n"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    annotator: Mapped[str] = mapped_column(String(200))
    document_id: Mapped[int | None] = parent("documents")
    action_id: Mapped[int | None] = parent("actions")
    # Three names by which an edit may speak of it: the edit that did it last, the one that did
    # it first, and the one that took it back; "client:seq", or "action:id".
    op: Mapped[str] = mapped_column(String(100), index=True)
    first: Mapped[str] = mapped_column(String(100), index=True)
    turn: Mapped[str] = mapped_column(String(100), index=True)
    n: Mapped[int]
    # The edit whose inverse comes next; an action has many.
    journal_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))


class JournalRow(Base):
    """One applied operation. Rows are only ever added."""

    __tablename__ = "journal"
    __table_args__ = (
        UniqueConstraint("client", "seq"),
        Index(None, "document_id", "annotator", "id"),
        Index(None, "project_id", "id"),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
    document_id: Mapped[int] = parent("documents")
    annotator: Mapped[str] = mapped_column(String(200))
    # Who made it, where the annotation is not their own (see ``storage.types.Merged``).
    actor: Mapped[str | None] = mapped_column(String(200))
    client: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    base_revision: Mapped[int]
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    undoes: Mapped[str | None] = mapped_column(String(100))
    redoes: Mapped[str | None] = mapped_column(String(100))
    operation: Mapped[dict[str, Any]]
    # Beside each label's name its id, so that undo survives the label's new name.
    inverse: Mapped[dict[str, Any]]
    # The action that it is a part of.
    action_id: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[str] = mapped_column(String(40))
