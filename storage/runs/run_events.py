"""What a run's worker tells in its events: stored once and in order, with the curves they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.run_rows import enter, is_at
from storage.engines.schema import MetricRow, RunRow
from storage.errors import StorageError
from storage.runs.runs import required_run
from storage.types import RunState


def ingest(
    db: Database,
    run_id: int,
    offset_before: int,
    offset_after: int,
    events: Iterable[Mapping[str, Any]],
    attempt: int | None = None,
) -> bool:
    """Store the events between two byte offsets of events.jsonl, and the new offset, as one.

    Returns False where these bytes were stored before, or where the run goes on after ``attempt``:
    another machine begins the next one, and reads its own. Raises StorageError where they
    are not the next ones. Events of an earlier attempt, or after the end, change no state.
    """
    # What a power cut takes back is read from the file again.
    with db.write(durable=False) as session:
        row = required_run(session, run_id, lock=True)
        if not is_at(row, attempt) or offset_after <= row.events_offset:
            return False
        if offset_before != row.events_offset:
            raise StorageError(
                f"The events of run {run_id} are stored up to byte {row.events_offset}, "
                f"not {offset_before}: read them from there."
            )
        for event in events:
            _take_in(session, row, event)
        row.events_offset = offset_after
        return True


def events_offset(db: Database, run_id: int) -> int:
    """Return how many bytes of a run's events.jsonl are stored; raises NotFoundError."""
    with db.read() as session:
        return required_run(session, run_id).events_offset


def rewind(db: Database, run_id: int, offset: int) -> None:
    """Read a run's events again from a byte on, where a copy of them ends sooner than was stored.

    What is read twice changes nothing: it is of an earlier attempt.
    """
    with db.write() as session:
        row = required_run(session, run_id, lock=True)
        row.events_offset = min(row.events_offset, offset)


def metrics(db: Database, run_id: int) -> list[dict[str, Any]]:
    """Return a run's metric events, one an epoch, in order."""
    query = select(MetricRow.event).where(MetricRow.run_id == run_id).order_by(MetricRow.epoch)
    with db.read() as session:
        required_run(session, run_id)
        return list(session.scalars(query))


def _take_in(session: Session, row: RunRow, event: Mapping[str, Any]) -> None:
    if event.get("attempt", row.attempt) != row.attempt or RunState(row.state).final:
        return
    kind = event.get("kind")
    if kind == "metric":
        _store_metric(session, row.id, event)
    elif kind == "progress":
        row.progress = dict(event)
    elif kind == "state":
        enter(row, RunState(event["state"]), event.get("message") or "", event.get("at") or now())


def _store_metric(session: Session, run_id: int, event: Mapping[str, Any]) -> None:
    # An attempt that begins again replaces what an earlier one had reached from there on.
    session.execute(
        delete(MetricRow).where(MetricRow.run_id == run_id, MetricRow.epoch >= event["epoch"])
    )
    session.add(MetricRow(run_id=run_id, epoch=event["epoch"], event=dict(event)))
    session.flush()
