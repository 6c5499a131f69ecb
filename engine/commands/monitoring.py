"""``monitor``: dated texts through trained models, counted over time, with alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import tasks
from engine.commands.common import options
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, count, note
from engine.monitoring import alarms, counting, dates, reading, rhythm
from engine.monitoring.alarms import Alarm
from engine.monitoring.counting import Series
from engine.monitoring.drifting import warning
from engine.monitoring.reading import Reading
from engine.monitoring.records import Columns, Record
from engine.runner import folder_of
from storage.database.connection import Database
from storage.errors import InputError
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
        asked = [(project, run)]
        if second_project:
            asked.append((second_project, second_run))
        elif second_run is not None:
            raise InputError("--second-run names a run of --second-project: give that, too.")
        chosen = [_model(db, *each, second_column) for each in asked]
        folders = [folder_of(each) for each in chosen]
    columns = Columns(date_column, text_column, second_column, id_column)
    read = reading.read(source, columns, order, zone)
    if not read.dated:
        example = dates.such_as(read.dates.example)
        raise InputError(
            f"No row of {source} has a text and a date that can be read{example}: name the column "
            "of dates with --date-column, or write them as 2026-11-26."
        )
    _say(read)
    counted, unlike, warning = _label(folders, read.dated)
    known = counting.series(counted, kind)
    found = alarms.find(known, alarms_per_year)
    payload: dict[str, Any] = {
        "runs": [each.id for each in chosen],
        "by": str(kind),
        "alarms_per_year": alarms_per_year,
        **_told(read),
        "unlike": unlike,
        "warning": warning,
        "series": [series.to_json() for series in known],
        "alarms": [alarm.to_json() for alarm in found],
    }
    if warning:
        note(warning)
    answer(payload, as_json, _text(known, found, len(read.dated)))


def _model(db: Database, name: str, number: int | None, second_column: str) -> Run:
    """Return the run whose model reads the texts; raises as ``options.model_of``."""
    found = options.find(db, name)
    if "second_text" in tasks.get(found.task).columns and not second_column:
        raise InputError(
            f"The project {name!r} is about two texts at a time: name the column of the second "
            "with --second-column."
        )
    return options.model_of(db, found, number)


def _told(read: Reading) -> dict[str, Any]:
    return {
        "texts": len(read.dated),
        "undated": read.dates.undated,
        "blank": read.taken.blank,
        "broken": len(read.taken.broken),
        "order": str(read.dates.order) if read.dates.order else None,
    }


def _say(read: Reading) -> None:
    taken, known = read.taken, read.dates
    if known.note:
        note(f"{known.note} --first day or --first month says it.")
    if known.undated:
        note(
            f"Left out: {count(known.undated, 'row')} of {len(known.days):,} without a date that "
            f"can be read{dates.such_as(known.example)}."
        )
    if taken.broken:
        note(f"Left out: {count(len(taken.broken), 'row')} that cannot be read. {taken.broken[0]}")
    if taken.blank:
        note(f"Left out: {count(taken.blank, 'row')} without a text.")


def _label(
    folders: Sequence[Path], dated: Sequence[tuple[Record, date]]
) -> tuple[Counter, int, str]:
    """Return the counts by day and cell, how many texts are unlike train's, and a warning."""
    # Here, not above: only this needs torch, and loading it takes seconds.
    from engine.inference.dated import Models

    models = Models(folders[0], folders[1] if len(folders) > 1 else None)
    portions = models.label([record for record, _ in dated])
    labelled = [each for portion in portions for each in portion]
    told = (
        (day, {mark.label for mark in each.topics}, {mark.label for mark in each.labels})
        for (_, day), each in zip(dated, labelled, strict=True)
    )
    unlike = sum(bool(each.unlike) for each in labelled)
    return counting.count(told), unlike, warning(unlike, len(dated))


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
