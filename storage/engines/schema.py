"""Every table, as SQLAlchemy models. Only storage/ sees these; other rooms see storage.types.

Words that grow (task, status, state, kind) are plain strings in the database: the
enums in storage.types give them their meaning, and a new value needs no migration.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Ids are never used again: a browser may still hold an edit for a deleted document, and a
# deleted run's folder may still lie there.
IDS_ONCE = {"sqlite_autoincrement": True}


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


def _parent(table: str, **options: Any) -> Any:
    """Return a foreign key column whose rows go when the parent's row goes."""
    return mapped_column(ForeignKey(f"{table}.id", ondelete="CASCADE"), **options)


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


class LabelRow(Base):
    """A deleted label's row stays: the journal speaks of it, and it can come back."""

    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("project_id", "name"), IDS_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = _parent("projects")
    name: Mapped[str] = mapped_column(String(200))
    color: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(Text)
    # One example of what is meant, and one of what is not.
    positive: Mapped[str] = mapped_column(Text, server_default="")
    negative: Mapped[str] = mapped_column(Text, server_default="")
    position: Mapped[int]
    is_deleted: Mapped[bool] = mapped_column(server_default=false())


class DocumentRow(Base):
    __tablename__ = "documents"
    __table_args__ = (
        Index(None, "project_id", "id"),
        Index(None, "project_id", "split", "id"),
        Index(None, "project_id", "text_hash"),
        UniqueConstraint("project_id", "position"),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = _parent("projects")
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    split: Mapped[str | None] = mapped_column(String(20))
    group: Mapped[str] = mapped_column("group_name", Text)
    text_hash: Mapped[str] = mapped_column(String(32))
    imported_at: Mapped[str] = mapped_column(String(40))
    layout: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(Text)
    second_text: Mapped[str | None] = mapped_column(Text)
    # Text and name in one case, for searching; nobody needs it back.
    folded: Mapped[str] = mapped_column(Text, server_default="", deferred=True)


class TokensRow(Base):
    __tablename__ = "token_boundaries"

    document_id: Mapped[int] = _parent("documents", primary_key=True)
    # Flat: start, end, start, end … in code points.
    boundaries: Mapped[list[Any]]


class AnnotationRow(Base):
    """One annotator's work on a document. ``is_current`` marks the newest one of its document.

    A mark and not a time, because clocks jump; the partial unique index holds it to one.
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
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = _parent("documents")
    annotator: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    is_current: Mapped[bool]
    flagged: Mapped[bool] = mapped_column(server_default=false())
    comment: Mapped[str] = mapped_column(Text, server_default="")
    updated_at: Mapped[str] = mapped_column(String(40))


class SpanRow(Base):
    """``uid`` is the name that the browser or the import gave the span, ``id`` the row's own."""

    __tablename__ = "spans"
    __table_args__ = (UniqueConstraint("annotation_id", "uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    annotation_id: Mapped[int] = _parent("annotations")
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
    annotation_id: Mapped[int] = _parent("annotations")
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
    project_id: Mapped[int] = _parent("projects")
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
    project_id: Mapped[int] = _parent("projects")
    annotator: Mapped[str] = mapped_column(String(200))
    document_id: Mapped[int | None] = _parent("documents")
    action_id: Mapped[int | None] = _parent("actions")
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
    project_id: Mapped[int] = _parent("projects")
    document_id: Mapped[int] = _parent("documents")
    annotator: Mapped[str] = mapped_column(String(200))
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


class RunRow(Base):
    __tablename__ = "runs"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "project_id", "number", unique=True),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = _parent("projects", index=True)
    state: Mapped[str] = mapped_column(String(20))
    attempt: Mapped[int]
    settings: Mapped[dict[str, Any]]
    progress: Mapped[dict[str, Any]]
    message: Mapped[str] = mapped_column(Text)
    created_at: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[str | None] = mapped_column(String(40))
    finished_at: Mapped[str | None] = mapped_column(String(40))
    pid: Mapped[int | None]
    pid_started: Mapped[float | None]
    boot_id: Mapped[str] = mapped_column(String(100))
    cancel_requested: Mapped[bool]
    # Whether the one who cancels wants the best model so far.
    cancel_keep: Mapped[bool] = mapped_column(server_default=false())
    # How far events.jsonl has been read into the database, in bytes.
    events_offset: Mapped[int]
    # Counts in the project; a run that nobody started has none.
    number: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, server_default="")
    # The name of its folder among those of all databases of the home.
    folder: Mapped[str] = mapped_column(String(100), server_default="")
    # The newest edit of the project that its frozen data knows.
    journal_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(40), server_default="training")
    # The run whose model this one uses.
    model_of: Mapped[int | None]


class MetricRow(Base):
    __tablename__ = "metrics"
    __table_args__ = (UniqueConstraint("run_id", "epoch"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = _parent("runs")
    epoch: Mapped[int]
    event: Mapped[dict[str, Any]]


class ReportRow(Base):
    __tablename__ = "reports"

    run_id: Mapped[int] = _parent("runs", primary_key=True)
    report: Mapped[dict[str, Any]]
    stored_at: Mapped[str] = mapped_column(String(40))


class MatchRow(Base):
    """A row of a confusion cell. Label names, not ids: a report says what was true at its time."""

    __tablename__ = "matches"
    __table_args__ = (
        Index("ix_matches_cell", "run_id", "split", "gold_label", "predicted_label", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = _parent("runs")
    document_id: Mapped[int] = _parent("documents", index=True)
    split: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    gold_start: Mapped[int | None]
    gold_end: Mapped[int | None]
    gold_label: Mapped[str | None] = mapped_column(String(200))
    predicted_start: Mapped[int | None]
    predicted_end: Mapped[int | None]
    predicted_label: Mapped[str | None] = mapped_column(String(200))
    predicted_score: Mapped[float | None]


class VisitRow(Base):
    """A document that somebody opened from a part of a confusion table; see types.Cell."""

    __tablename__ = "visits"

    run_id: Mapped[int] = _parent("runs", primary_key=True)
    split: Mapped[str] = mapped_column(String(20), primary_key=True)
    gold: Mapped[str] = mapped_column(String(200), primary_key=True)
    predicted: Mapped[str] = mapped_column(String(200), primary_key=True)
    only: Mapped[str] = mapped_column(String(20), primary_key=True)
    document_id: Mapped[int] = _parent("documents", primary_key=True, index=True)


class SuggestionRow(Base):
    """A span that the newest model would give a document. The label by name, as in a report."""

    __tablename__ = "suggestions"
    __table_args__ = (Index(None, "document_id", "start"), Index(None, "run_id", "label", "score"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = _parent("runs")
    document_id: Mapped[int] = _parent("documents")
    start: Mapped[int]
    end: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))
    score: Mapped[float]


class DocumentScoreRow(Base):
    """How sure the newest model is of a document, and how unlike the labelled ones it is.

    ``entropy`` is the mean over tokens, in nats; ``confidence`` the least of the tokens' best
    probabilities, taken from 1; ``margin`` the least difference of the two best.
    """

    __tablename__ = "document_scores"
    __table_args__ = (Index(None, "run_id", "entropy"),)

    document_id: Mapped[int] = _parent("documents", primary_key=True)
    run_id: Mapped[int] = _parent("runs")
    entropy: Mapped[float | None]
    confidence: Mapped[float | None]
    margin: Mapped[float | None]
    novelty: Mapped[float | None]


class SettingRow(Base):
    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
