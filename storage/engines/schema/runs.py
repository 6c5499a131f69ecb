"""Runs, and what they have found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent
from storage.types import ErrorKind


class RunRow(Base):
    __tablename__ = "runs"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "project_id", "number", unique=True),
        Index(None, "project_id", "id"),
        Index(None, "finished_at"),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = parent("projects")
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
    # What was expected of it when it was started: ``{"f1", "low", "high"}``.
    expected: Mapped[dict[str, Any] | None]
    # Which machine works on it; null where only one serves the queue.
    machine_id: Mapped[str | None] = mapped_column(String(200))


class MetricRow(Base):
    __tablename__ = "metrics"
    __table_args__ = (UniqueConstraint("run_id", "epoch"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = parent("runs")
    epoch: Mapped[int]
    event: Mapped[dict[str, Any]]


class ReportRow(Base):
    __tablename__ = "reports"

    run_id: Mapped[int] = parent("runs", primary_key=True)
    report: Mapped[dict[str, Any]]
    stored_at: Mapped[str] = mapped_column(String(40))


# Said as the index says it, else no query can use that: a value that is sent says nothing yet.
EXACT: ColumnElement[str] = literal_column(f"'{ErrorKind.EXACT}'")
WRONG = f"kind <> {EXACT}"


class MatchRow(Base):
    """A row of a confusion cell. Label names, not ids: a report says what was true at its time."""

    __tablename__ = "matches"
    __table_args__ = (
        Index("ix_matches_cell", "run_id", "split", "gold_label", "predicted_label", "id"),
        # All that it takes to count and to find the errors of a label.
        Index("ix_matches_errors", "run_id", "split", "kind", "gold_label", "predicted_label"),
        Index(None, "document_id", "run_id"),
        # Few of a report's matches are wrong; those are asked for, the surest first.
        Index(
            "ix_matches_wrong",
            *("run_id", "predicted_score"),
            sqlite_where=text(WRONG),
            postgresql_where=text(WRONG),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = parent("runs")
    document_id: Mapped[int] = parent("documents")
    split: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    gold_start: Mapped[int | None]
    gold_end: Mapped[int | None]
    gold_label: Mapped[str | None] = mapped_column(String(200))
    predicted_start: Mapped[int | None]
    predicted_end: Mapped[int | None]
    predicted_label: Mapped[str | None] = mapped_column(String(200))
    predicted_score: Mapped[float | None]
    # What follows from the match and its document; null where an older version stored it and
    # nobody has looked since. "" is no error.
    error: Mapped[str | None] = mapped_column(String(20))
    border: Mapped[str | None] = mapped_column(String(10))
    # In tokens: of the gold mark, or of the predicted one where there is none; of the document.
    length: Mapped[int | None]
    document_length: Mapped[int | None]
    # Whether train has a mark with the same words; null where there is nothing to compare.
    seen: Mapped[bool | None]


class VisitRow(Base):
    """A document that somebody opened from a part of a confusion table; see cells.Cell."""

    __tablename__ = "visits"

    run_id: Mapped[int] = parent("runs", primary_key=True)
    split: Mapped[str] = mapped_column(String(20), primary_key=True)
    gold: Mapped[str] = mapped_column(String(200), primary_key=True)
    predicted: Mapped[str] = mapped_column(String(200), primary_key=True)
    only: Mapped[str] = mapped_column(String(20), primary_key=True)
    document_id: Mapped[int] = parent("documents", primary_key=True, index=True)


class SuggestionRow(Base):
    """A mark that the newest model would give a document. The label by name, as in a report.

    ``rank`` 0 is what the model says; the others are its guesses (see ``storage.runs.suggestions``)
    in their order: of a whole document the next labels, else what words beside the marks would be.
    """

    __tablename__ = "suggestions"
    __table_args__ = (Index(None, "document_id", "start"), Index(None, "run_id", "label", "score"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = parent("runs")
    document_id: Mapped[int] = parent("documents")
    start: Mapped[int]
    end: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))
    score: Mapped[float]
    rank: Mapped[int] = mapped_column(server_default="0")


class DocumentScoreRow(Base):
    """How sure the newest model is of a document, and how unlike the labelled ones it is.

    ``entropy`` is the mean over tokens, in nats; ``confidence`` the least of the tokens' best
    probabilities, taken from 1; ``margin`` the least difference of the two best.
    """

    __tablename__ = "document_scores"
    __table_args__ = tuple(
        Index(None, "run_id", measure) for measure in ("entropy", "confidence", "margin", "novelty")
    )

    document_id: Mapped[int] = parent("documents", primary_key=True)
    run_id: Mapped[int] = parent("runs")
    entropy: Mapped[float | None]
    confidence: Mapped[float | None]
    margin: Mapped[float | None]
    novelty: Mapped[float | None]
    # How many times its maker had learned before; null of one that learns no more.
    revision: Mapped[int | None]


class SuggestionOutcomeRow(Base):
    """What became of a run's suggestions for a document once a person had finished it.

    ``kept`` are those that the document has now, ``dropped`` the others, ``added`` the marks that
    nobody suggested. ``scores`` is ``[[score, kept], …]``; ``entry`` the journal's newest of then.
    """

    __tablename__ = "suggestion_outcomes"
    __table_args__ = (Index(None, "run_id", "entry"),)

    document_id: Mapped[int] = parent("documents", primary_key=True)
    run_id: Mapped[int] = parent("runs", primary_key=True)
    entry: Mapped[int]
    revision: Mapped[int | None]
    kept: Mapped[int]
    dropped: Mapped[int]
    added: Mapped[int]
    scores: Mapped[list[Any]]
