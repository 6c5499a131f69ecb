"""``monitor``: dated texts through trained models, counted over time, with alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import tasks
from engine.commands.common import options
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, count, note
from engine.monitoring import alarms, counting, dates, records, rhythm
from engine.monitoring.alarms import Alarm
from engine.monitoring.counting import Series
from engine.monitoring.drifting import warning
from engine.monitoring.records import Columns, Record
from engine.runner import folder_of, newest_model
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError
from storage.runs import runs
from storage.types import Run

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("monitor")(monitor)


def monitor(
    project: ProjectName,
    source: Annotated[
        Path, typer.Option("--input", help="CSV, TSV, JSONL, Parquet, or a folder of them.")
    ],
    date_column: Annotated[
        str, typer.Option(help="Which column says when a text was written.")
    ] = "",
    text_column: Annotated[str, typer.Option(help="Which column holds the text.")] = "",
    second_column: Annotated[str, typer.Option(help="The second text of a pair.")] = "",
    id_column: Annotated[str, typer.Option(help="What names a row, once and for all.")] = "",
    by: Annotated[str, typer.Option(help="day or week.")] = "day",
    run: Annotated[int | None, typer.Option(help="Whose model; else the newest one's.")] = None,
    second_project: Annotated[
        str, typer.Option(help="Whose model splits each topic: sentiment, say.")
    ] = "",
    second_run: Annotated[int | None, typer.Option(help="Its run; else the newest.")] = None,
    alarms_per_year: Annotated[
        float, typer.Option(help="False alarms that are allowed, for each topic in a year.")
    ] = 1.0,
    first: Annotated[str, typer.Option(help="day or month: which is first in 3/4/2026.")] = "",
    timezone: Annotated[str, typer.Option(help="Where a day begins, as Europe/Berlin.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Count dated texts by topic over time, and tell surges and drifts."""
    kind, zone = rhythm.by_name(by), dates.zone(timezone)
    alarms.check_rate(alarms_per_year)
    order = dates.order(first)
    with opened() as db:
        chosen = [_model(db, project, run, second_column)]
        if second_project:
            chosen.append(_model(db, second_project, second_run, second_column))
        elif second_run is not None:
            raise InputError("--second-run names a run of --second-project: give that, too.")
        folders = [folder_of(each) for each in chosen]
    columns = Columns(date_column, text_column, second_column, id_column)
    taken = records.take(source, columns)
    given = [record.date for record in taken.records]
    read = dates.read(given, order=order, zone=zone, latest=_tomorrow())
    _tell(taken, read)
    kept = [r for r, day in zip(taken.records, read.days, strict=True) if day]
    days = [day for day in read.days if day]
    if not kept:
        raise InputError(f"No row of {source} has a text and a date: choose other columns.")
    counted, unlike, warning = _label(folders, kept, days)
    known = counting.series(counted, kind)
    found = alarms.find(known, alarms_per_year)
    payload: dict[str, Any] = {
        "runs": [each.id for each in chosen],
        "by": str(kind),
        "alarms_per_year": alarms_per_year,
        "texts": len(kept),
        "undated": read.undated,
        "blank": taken.blank,
        "broken": len(taken.broken),
        "unlike": unlike,
        "warning": warning,
        "order": str(read.order) if read.order else None,
        "series": [series.to_json() for series in known],
        "alarms": [alarm.to_json() for alarm in found],
    }
    if warning:
        note(warning)
    answer(payload, as_json, _text(known, found, len(kept)))


def _model(db: Database, name: str, number: int | None, second_column: str) -> Run:
    """Return the run whose model reads the texts; raise InputError, NotFoundError."""
    found = options.find(db, name)
    if "second_text" in tasks.get(found.task).columns and not second_column:
        raise InputError(
            f"The project {name!r} is about two texts at a time: name the column of the second "
            "with --second-column."
        )
    chosen = newest_model(db, found.id) if number is None else runs.get_run(db, number)
    if chosen.project_id != found.id:
        raise NotFoundError(f"Run {chosen.id} is not of the project {name!r}.")
    if not (folder_of(chosen) / "model").is_dir():
        raise NotFoundError(f"Run {chosen.id} has no model: see python -m engine runs.")
    return chosen


def _tomorrow() -> date:
    """Return the last day that a text can be of, wherever it was written."""
    return datetime.now(UTC).date() + timedelta(days=1)


def _tell(taken: records.Taken, read: dates.Dates) -> None:
    if read.note:
        note(f"{read.note} --first day or --first month says it.")
    if read.undated:
        note(
            f"{count(read.undated, 'row')} of {len(read.days):,} without a date that can be read "
            "are left out."
        )
    if taken.broken:
        note(f"Left out: {count(len(taken.broken), 'row')} that cannot be read. {taken.broken[0]}")
    if taken.blank:
        note(f"{count(taken.blank, 'row')} without a text are left out.")


def _label(
    folders: Sequence[Path], kept: Sequence[Record], days: Sequence[date]
) -> tuple[Counter, int, str]:
    """Return the counts by day and cell, how many texts are unlike train's, and a warning."""
    # Here, not above: only this needs torch, and loading it takes seconds.
    from engine.inference.dated import Models

    models = Models(folders[0], folders[1] if len(folders) > 1 else None)
    labelled = [each for portion in models.label(kept) for each in portion]
    told = (
        (day, {mark.label for mark in each.topics}, {mark.label for mark in each.labels})
        for day, each in zip(days, labelled, strict=True)
    )
    unlike = sum(bool(each.unlike) for each in labelled)
    return counting.count(told), unlike, warning(unlike, len(kept))


def _text(known: Sequence[Series], found: Sequence[Alarm], texts: int) -> str:
    first, last = known[0].day(0), known[0].day(len(known[0].counts) - 1)
    lines = [
        f"{count(texts, 'text')} from {first} to {last}, {len(known) - 1:,} series.",
        f"{count(len(found), 'alarm')}{':' if found else '.'}",
    ]
    for alarm in found[-SHOWN:]:
        name = " × ".join(filter(None, (alarm.topic or "all topics", alarm.label)))
        lines.append(f"  {alarm.date}  {alarm.kind}  {name}: {alarm.reason}")
    if len(found) > SHOWN:
        lines.insert(2, f"  … {len(found) - SHOWN:,} earlier ones: --json has them all.")
    return "\n".join(lines)
