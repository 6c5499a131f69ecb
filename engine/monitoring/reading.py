"""A source read as dated texts: its rows, and what its date column says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

from engine.monitoring import dates, records
from engine.monitoring.dates import Dates, Order
from engine.monitoring.records import Columns, Record, Taken


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source holds."""

    dated: Sequence[tuple[Record, date]]
    """The texts whose day is known, in the order of the source."""
    taken: Taken
    dates: Dates


def read(
    source: Path,
    columns: Columns,
    order: Order | None = None,
    zone: tzinfo = UTC,
    *,
    growing: bool = False,
) -> Reading:
    """Read a source whole; raises InputError as ``records.take``.

    No text is of a day after tomorrow, which is as far ahead as any place on earth is.
    """
    taken = records.take(source, columns, growing=growing)
    latest = datetime.now(UTC).date() + timedelta(days=1)
    given = [record.date for record in taken.records]
    told = dates.read(given, order=order, zone=zone, latest=latest)
    together = zip(taken.records, told.days, strict=True)
    return Reading([(record, day) for record, day in together if day], taken, told)
