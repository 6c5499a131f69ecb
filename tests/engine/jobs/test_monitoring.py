"""A monitor's readings: what is new is labelled and counted once, through kills and growth."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.jobs import monitoring
from engine.monitoring import drifting
from engine.runner import JobRunner, results
from engine.runner import monitors as waking
from storage import home
from storage.database.connection import Database
from storage.monitors import alarms, monitors, texts
from storage.monitors.alarms import AlarmState
from storage.monitors.monitors import Watching
from storage.runs import runs
from storage.types import RunState
from tests.engine import monitored, tiny
from tests.engine.folders import wait_for

LATER = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    with closing(Database.open()) as database:
        yield database


@pytest.fixture(autouse=True)
def small(bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "ENCODER", str(bert))


def rows(count: int, first: int = 0) -> str:
    start = date(2026, 1, 1)
    return "".join(
        f'{start + timedelta(days=n)},"{tiny.CORPUS[n % len(tiny.CORPUS)]}"\n'
        for n in range(first, first + count)
    )


def test_what_grows_is_counted_once_through_kills(
    db: Database, bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "reviews.csv"
    source.write_text("date,text\n" + rows(6) + "soon,undated\n")
    monitor = monitored.make(db, source, bert)
    (run,) = waking.wake(db)
    assert waking.wake(db, LATER) == [], "it is being read"
    monitored.read(db, run)
    # Killed before anything of it was stored: it begins again.
    runs.requeue(db, run.id)
    monitored.read(db, run)
    results.store(db, runs.get_run(db, run.id))
    # And killed between storing and saying so.
    monitored.finish(db, run)
    found = texts.between(db, monitor.id, date.min, date.max)
    assert len(found) == 6 and {m.label for t in found for m in t.topics} <= {*monitored.LABELS}
    assert sum(n for (_, cell), n in texts.counts(db, monitor.id).items() if cell == ("", "")) == 6
    told = monitors.get(db, monitor.id).told
    assert (told["undated"], told["first_undated"]) == (1, "soon")
    assert waking.wake(db, LATER) == [], "nothing is new"

    monkeypatch.setattr(monitoring, "MOST", 2)
    with source.open("a") as file:
        file.write(rows(3, 6) + "2026-03-0")
    for left in (1, 0):
        monitors.look_now(db, monitor.id)
        (run,) = waking.wake(db, LATER)
        monitored.read(db, run)
        monitored.finish(db, run)
        assert monitors.get(db, monitor.id).told["left"] == left
    assert len(texts.keys(db, monitor.id)) == 9


def test_what_was_read_by_another_model_or_calendar_is_not_counted(
    db: Database, bert: Path, tmp_path: Path
) -> None:
    source = tmp_path / "reviews.csv"
    source.write_text("date,text\n" + rows(3))
    monitor = monitored.make(db, source, bert)
    (run,) = waking.wake(db)
    monitored.read(db, run)
    monitors.change(db, monitor.id, replace(monitor.watching, timezone="Europe/Berlin"))
    monitored.finish(db, run)
    assert texts.keys(db, monitor.id) == []
    (run,) = waking.wake(db, LATER)
    monitored.read(db, run)
    monitored.finish(db, run)
    assert len(texts.keys(db, monitor.id)) == 3


@pytest.mark.long
def test_texts_unlike_those_of_train_are_told(db: Database, bert: Path, tmp_path: Path) -> None:
    source = tmp_path / "reviews.csv"
    known = rows(40)
    source.write_text("date,text\n" + known + known.replace("2026-01", "2026-03"))
    monitor = monitored.make(db, source, bert)
    strange = "".join(f'2026-05-{n % 28 + 1:02},"{n} ?? {n * 7} !!"\n' for n in range(60))

    def unlike_since(first: date) -> str:
        (run,) = waking.wake(db, LATER)
        monitored.read(db, run)
        monitored.finish(db, run)
        return drifting.warning(*texts.unlike(db, monitor.id, first))

    assert unlike_since(date(2026, 1, 1)) == ""
    with source.open("a") as file:
        file.write(strange)
    assert "are unlike all that the model learned from" in unlike_since(date(2026, 5, 1))


def test_an_upload_goes_with_its_last_monitor(db: Database, bert: Path, tmp_path: Path) -> None:
    arrived = tmp_path / "1"
    arrived.write_bytes(b"date,text\n")
    path = Path(waking.keep_upload("../Reviews 2026.csv", arrived))
    assert path.parent == home.folder() / "monitors" and path.stat().st_mode & 0o777 == 0o600
    monitor = monitored.make(db, path, bert)
    other = monitors.create(db, monitor.project_id, "again", monitor.watching)
    waking.delete(db, monitor)
    assert path.exists()
    waking.delete(db, other)
    assert not path.exists()
    # What was only watched is a person's own.
    own = tmp_path / "own.csv"
    own.write_text("date,text\n")
    waking.delete(db, monitors.create(db, monitor.project_id, "c", Watching(str(own), 1)))
    assert own.exists()


def test_a_source_that_is_gone_is_told_and_looked_for_again(
    db: Database, bert: Path, tmp_path: Path
) -> None:
    monitor = monitored.make(db, tmp_path / "gone.csv", bert)
    assert waking.wake(db) == []
    assert "is not there" in monitors.get(db, monitor.id).told["problem"]
    (tmp_path / "gone.csv").write_text("date,text\n" + rows(1))
    assert len(waking.wake(db, LATER)) == 1
    assert monitors.get(db, monitor.id).told["problem"] == ""


def test_only_news_wake_people(db: Database, bert: Path, tmp_path: Path) -> None:
    monitor = monitored.make(db, tmp_path / "reviews.csv", bert)
    counted = [0] * 60
    for day in range(60):
        counted[day] = 40 if day in (40, 59) else 5 + day % 3
    start = date(2026, 1, 1)

    def add(last: int) -> None:
        new = [
            texts.DatedText(f"{d}-{n}", start + timedelta(days=d), "t", None, (), ())
            for d in range(last)
            for n in range(counted[d])
        ]
        cells = [("", ""), ("app", "")]
        told: dict = {"undated": 0}
        texts.add(db, monitor.id, new, lambda _: cells, signature="", next_at="", told=told)

    add(59)
    first = waking.find_alarms(db, monitors.get(db, monitor.id))
    assert [(a.date, a.state) for a in first] == [(date(2026, 2, 10), AlarmState.PAST)]
    add(60)
    news = waking.find_alarms(db, monitors.get(db, monitor.id))
    assert [(a.date, a.state) for a in news] == [(date(2026, 3, 1), AlarmState.NEW)]
    assert len(alarms.of_monitor(db, monitor.id)) == 2


@pytest.mark.long
def test_a_killed_worker_counts_nothing_twice(db: Database, bert: Path, tmp_path: Path) -> None:
    source = tmp_path / "reviews.csv"
    source.write_text("date,text\n" + rows(200))
    monitor = monitored.make(db, source, bert)
    runner = JobRunner(db, gpus=(), suggests=False)

    def alive() -> bool:
        runner.step()
        run = waking.reading(db, monitor)
        return bool(run and run.state is RunState.RUNNING and run.pid)

    wait_for(alive)
    run = waking.reading(db, monitor)
    assert run and run.pid
    os.kill(run.pid, signal.SIGKILL)
    wait_for(lambda: runner.step() and monitors.get(db, monitor.id).told.get("tested"))
    runner.release()
    assert len(texts.keys(db, monitor.id)) == 200
    assert (
        sum(n for (_, cell), n in texts.counts(db, monitor.id).items() if cell == ("", "")) == 200
    )
