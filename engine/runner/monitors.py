"""Monitors at work: woken when they are due, their readings stored, their alarms found.

A monitor is looked at every so many minutes. Where its source is as it was nothing is started;
else a run in the background reads what is new. What it leaves is counted in one transaction, and
all series are tested anew; an alarm that is found again is the one that is known.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.configuration import bases
from engine.configuration.settings import Settings
from engine.jobs import kinds
from engine.jobs.trained import has_model, settings_here
from engine.monitoring import alarms as testing
from engine.monitoring import counting, records, rhythm, watched
from engine.runner import owning, results
from engine.runs import files
from storage import files as private
from storage import home
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError, WhetstoneError
from storage.monitors import alarms, monitors, texts
from storage.monitors.alarms import AlarmState, StoredAlarm
from storage.monitors.monitors import Monitor
from storage.runs import runs
from storage.types import Run, RunKind

# Tells which texts are unlike those of train.
ENCODER = bases.BUNDLED
UPLOADS = "monitors"
EMAIL, WEBHOOK = "email", "webhook"
TOLD = ("undated", "first_undated", "blank", "broken", "first_broken", "note", "first", "left")
# A reading that left something is followed so soon.
SOON = timedelta(seconds=1)


def wake(db: Database, at: datetime | None = None) -> list[Run]:
    """Queue a reading for each monitor that is due and has something new; return the runs."""
    at = at or datetime.now(UTC)
    queued = []
    for monitor in monitors.due(db, at.isoformat(timespec="milliseconds")):
        if reading(db, monitor):
            continue
        later = _later(at, timedelta(minutes=monitor.watching.minutes))
        try:
            if records.signature(Path(monitor.watching.source)) != monitor.signature:
                queued.append(_queue(db, monitor))
            monitors.schedule(db, monitor.id, later)
        except (WhetstoneError, OSError, ValueError) as error:
            # The source is gone, say, or a model was deleted: its page says so, others go on.
            monitors.schedule(db, monitor.id, later, str(error))
    return queued


def reading(db: Database, monitor: Monitor) -> Run | None:
    """Return the run that reads a monitor's source now or is about to."""
    return next(_readings(db, monitor, ended=False), None)


def last_reading(db: Database, monitor: Monitor) -> Run | None:
    """Return the newest reading of a monitor, whatever became of it."""
    return next(_readings(db, monitor), None)


def _readings(db: Database, monitor: Monitor, ended: bool | None = None) -> Iterator[Run]:
    """Yield the newest run that reads a monitor's source, if there is one."""
    which = runs.Which(kinds=[RunKind.MONITOR], monitor=monitor.id, ended=ended)
    yield from runs.list_runs(db, monitor.project_id, which, most=1)


def again(db: Database, run: Run) -> Run:
    """Queue another reading for the monitor of one, or return the one that is on its way."""
    monitor = monitors.get(db, int(run.settings[kinds.MONITOR]))
    return reading(db, monitor) or _queue(db, monitor)


def _later(at: datetime, pause: timedelta) -> str:
    return (at + pause).isoformat(timespec="milliseconds")


def _queue(db: Database, monitor: Monitor) -> Run:
    """Queue a reading; raise NotFoundError where a model is gone."""
    told: dict[str, Any] = asdict(monitor.watching)
    # Who is told is no matter of a folder that may be shipped.
    del told["emails"], told["webhook"]
    run = _with_model(db, monitor.watching.run)
    if monitor.watching.second_run:
        second = _with_model(db, monitor.watching.second_run)
        told["second_model"] = str(owning.folder_of(second))
    own = settings_here(run)
    settings = replace(Settings(), device=own.device, threads=own.threads)
    kind = kinds.get(RunKind.MONITOR)
    wanted = {"base": ENCODER, **asdict(settings)}
    wanted |= {kinds.MONITOR: monitor.id, kinds.WATCHED: told}
    return runs.create_run(
        db, monitor.project_id, wanted, kind.name, numbered=kind.numbered, model_of=run.id
    )


def _with_model(db: Database, run_id: int) -> Run:
    run = runs.get_run(db, run_id)
    if not has_model(run):
        raise NotFoundError(f"{run.title} has no model: choose another for this monitor.")
    return run


def prepare(db: Database, run: Run, folder: Path) -> None:
    """Tell a reading which texts were counted before."""
    watched.write_known(folder, texts.keys(db, int(run.settings[kinds.MONITOR])))


def store(db: Database, run: Run, folder: Path) -> None:
    """Count what a reading found, and find the alarms; repeated it changes nothing more.

    Raises RunFolderError where a file is not what it should be.
    """
    monitor_id, report = int(run.settings[kinds.MONITOR]), results.read_report(folder)
    try:
        monitor = monitors.get(db, monitor_id)
    except NotFoundError:
        # It was deleted meanwhile: what it would have counted is nobody's.
        return
    asked = run.settings[kinds.WATCHED]
    if monitor.watching.reading != replace(monitor.watching, **_of_reading(asked)).reading:
        # It was given another model meanwhile, say, which reads all texts anew.
        return
    with files.reading(folder / files.REPORT):
        left, signature = int(report["left"]), str(report["signature"])
        told = {name: report[name] for name in TOLD}
    found = [_dated(each) for each in watched.read_texts(folder)]
    at = datetime.now(UTC)
    pause = SOON if left else timedelta(minutes=monitor.watching.minutes)
    texts.add(
        *(db, monitor_id, found, _cells),
        signature=signature,
        next_at=_later(at, pause),
        told=told,
    )
    if not left:
        find_alarms(db, monitor)


def _of_reading(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in ("run", "second_run", "first", "timezone")}


def find_alarms(db: Database, monitor: Monitor) -> list[StoredAlarm]:
    """Test all series of a monitor, store what is new and return it.

    Alarms that are found the first time the whole source was read, or with other settings, are of
    the past, but for those of the newest day or week: nobody wants forty letters about last year.
    """
    known = series(db, monitor)
    found = testing.find(known, monitor.watching.alarms_per_year) if known else []
    newest = known[0].day(len(known[0].counts) - 1) if known else date.min
    first = not monitor.told.get("tested")
    stored = [_stored(alarm, past=first and alarm.date < newest) for alarm in found]
    targets = [(EMAIL, address) for address in monitor.watching.emails]
    if monitor.watching.webhook:
        targets.append((WEBHOOK, monitor.watching.webhook))
    added = alarms.add(db, monitor.id, stored, targets)
    monitors.note_tested(db, monitor.id)
    return added


def series(db: Database, monitor: Monitor) -> list[counting.Series]:
    """Return a monitor's series as they are counted now."""
    return counting.series(texts.counts(db, monitor.id), rhythm.by_name(monitor.watching.by))


def texts_of(db: Database, monitor: Monitor, alarm: StoredAlarm) -> list[texts.DatedText]:
    """Return the texts that an alarm is about: of its day or week, of a drift of some weeks."""
    by = rhythm.by_name(monitor.watching.by)
    width = 7 if by is rhythm.By.WEEK else 1
    bins = rhythm.RHYTHMS[by].memory if alarm.kind == testing.AlarmKind.DRIFT else 1
    last = alarm.date + timedelta(days=width - 1)
    first = alarm.date - timedelta(days=(bins - 1) * width)
    wanted = (alarm.topic, alarm.label)
    return [text for text in texts.between(db, monitor.id, first, last) if wanted in _cells(text)]


def keep_upload(name: str, source: Path) -> str:
    """Copy an uploaded file within the home, to a name of its own, and return its path."""
    safe = "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in name)[-80:]
    folder = private.make_folder(home.folder() / UPLOADS)
    path = folder / f"{secrets.token_hex(4)}~{safe.lstrip('.')}"
    private.make_private(path)
    shutil.copyfile(source, path)
    return str(path)


def is_upload(source: str) -> bool:
    """Tell whether a source is a file that was uploaded: it lies in the home and never grows."""
    return Path(source).parent == home.folder() / UPLOADS


def delete(db: Database, monitor: Monitor) -> None:
    """Delete a monitor, and its upload where no other one watches that."""
    monitors.delete_monitor(db, monitor.id)
    forget_uploads(db, [monitor.watching.source])


def forget_uploads(db: Database, gone: Iterable[str]) -> None:
    """Remove uploads that monitors watched which are gone, but for those that others watch."""
    for source in set(gone).difference(monitors.sources(db)):
        if is_upload(source):
            Path(source).unlink(missing_ok=True)


def check(source: str) -> list[str]:
    """Return the columns of a source; raise InputError where it cannot be watched."""
    if not source.strip():
        raise InputError("Name a file or a folder to watch.")
    path = Path(source.strip()).expanduser()
    if not path.is_absolute():
        raise InputError(f"{source[:80]} does not begin at the root: write the whole path.")
    return records.columns_of(path)


def _cells(text: texts.DatedText) -> set[counting.Cell]:
    return counting.cells(
        {mark.label for mark in text.topics}, {mark.label for mark in text.labels}
    )


def _dated(each: watched.Read) -> texts.DatedText:
    marks = each.topics, each.labels, each.unlike
    return texts.DatedText(each.key, date.fromisoformat(each.day), each.text, each.second, *marks)


def _stored(alarm: testing.Alarm, past: bool) -> StoredAlarm:
    return StoredAlarm(
        str(alarm.kind),
        alarm.topic,
        alarm.label,
        alarm.date,
        alarm.count,
        alarm.expected,
        alarm.p,
        alarm.reason,
        AlarmState.PAST if past else AlarmState.NEW,
    )
