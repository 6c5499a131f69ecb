"""Monitors: a text counts once, an alarm is found once and sent once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.engines.clock import now
from storage.errors import InputError, NotFoundError
from storage.monitors import alarms, monitors, opened, texts
from storage.monitors.alarms import AlarmState, SendingState, StoredAlarm
from storage.monitors.monitors import Monitor, Watching
from storage.monitors.texts import DatedText
from storage.runs import runs, suggestions
from storage.types import Document, Source, Span, Split, Status

DAY = date(2026, 11, 26)
LATE = "2999"


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    with closing(Database.open()) as database:
        yield database


@pytest.fixture
def monitor(db: Database) -> Monitor:
    project = projects.create_project(db, "Topics", "classes")
    run = runs.create_run(db, project.id, {})
    return monitors.create(db, project.id, "reviews", Watching("/tmp/a.csv", run.id))


def text(key: str, topic: str = "app", day: date = DAY, words: str = "") -> DatedText:
    mark = Span(0, 0, topic, source=Source.MODEL, score=0.9)
    return DatedText(key, day, words or f"text {key}", None, (mark,), (), unlike=key == "odd")


def add(db: Database, monitor: Monitor, *found: DatedText) -> int:
    def cells(each: DatedText) -> list[tuple[str, str]]:
        return [("", ""), *((mark.label, "") for mark in each.topics)]

    told = {"undated": 0}
    return texts.add(db, monitor.id, found, cells, signature="s", next_at=LATE, told=told)


def alarm(topic: str = "app", day: date = DAY, state: AlarmState = AlarmState.NEW) -> StoredAlarm:
    return StoredAlarm("surge", topic, "", day, 9, 2.5, 0.001, "Many.", state)


def test_a_text_counts_once_however_often_it_is_read(db: Database, monitor: Monitor) -> None:
    assert add(db, monitor, text("a"), text("b"), text("a")) == 2
    assert add(db, monitor, text("b"), text("c", "staff")) == 1
    assert Counter(texts.counts(db, monitor.id)) == {
        (DAY, ("", "")): 3,
        (DAY, ("app", "")): 2,
        (DAY, ("staff", "")): 1,
    }
    assert sorted(texts.keys(db, monitor.id)) == ["a", "b", "c"]
    assert texts.between(db, monitor.id, DAY, DAY)[0].topics[0].score == 0.9
    add(db, monitor, text("odd"))
    assert texts.unlike(db, monitor.id, DAY) == (1, 4)


def test_a_monitor_is_due_at_once_and_after_its_pause(db: Database, monitor: Monitor) -> None:
    assert [each.id for each in monitors.due(db, now())] == [monitor.id]
    add(db, monitor, text("a"))
    assert monitors.due(db, now()) == []
    monitors.look_now(db, monitor.id)
    monitors.pause(db, monitor.id, True)
    assert monitors.due(db, LATE) == []


def test_names_are_given_once_and_what_is_gone_is_told(db: Database, monitor: Monitor) -> None:
    with pytest.raises(InputError, match="already"):
        monitors.create(db, monitor.project_id, "reviews", monitor.watching)
    monitors.delete_monitor(db, monitor.id)
    with pytest.raises(NotFoundError):
        add(db, monitor, text("a"))


def test_another_model_reads_all_texts_anew(db: Database, monitor: Monitor) -> None:
    add(db, monitor, text("a"))
    monitors.change(db, monitor.id, replace(monitor.watching, alarms_per_year=2))
    assert len(texts.keys(db, monitor.id)) == 1
    monitors.change(db, monitor.id, replace(monitor.watching, run=99))
    assert texts.keys(db, monitor.id) == [] and texts.counts(db, monitor.id) == {}


def test_an_alarm_that_is_found_again_is_the_same_and_is_sent_once(
    db: Database, monitor: Monitor
) -> None:
    targets = [("email", "ada@example.org"), ("webhook", "http://localhost/")]
    assert (
        len(alarms.add(db, monitor.id, [alarm(), alarm("old", state=AlarmState.PAST)], targets))
        == 2
    )
    assert alarms.add(db, monitor.id, [replace(alarm(), count=12)], targets) == []
    sent = []
    while sending := alarms.take_due(db, now()):
        sent.append(sending.channel)
        alarms.settle(db, sending.id)
    assert sent == ["email", "webhook"]
    (stored,) = [a for a in alarms.of_monitor(db, monitor.id) if a.topic == "app"]
    assert {each.state for each in stored.sendings} == {SendingState.SENT}
    assert stored.count == 12, "the day grew since"


def test_what_failed_is_tried_later_and_what_was_interrupted_is_not(
    db: Database, monitor: Monitor
) -> None:
    alarms.add(db, monitor.id, [alarm()], [("email", "ada@example.org")])
    sending = alarms.take_due(db, now())
    assert alarms.take_due(db, LATE) is None, "it is being sent: nobody else may"
    alarms.settle(db, sending.id, "no answer", "2998")
    assert alarms.take_due(db, now()) is None
    assert alarms.take_due(db, LATE).tries == 2
    alarms.send_again(db, sending.alarm)
    assert alarms.take_due(db, now()).tries == 1


def test_what_is_known_or_silenced_is_not_sent(db: Database, monitor: Monitor) -> None:
    target = [("email", "ada@example.org")]
    (first,) = alarms.add(db, monitor.id, [alarm()], target)
    alarms.acknowledge(db, first.id)
    assert alarms.take_due(db, now()) is None
    alarms.silence(db, first.id, date(2026, 12, 1))
    later = [alarm(day=date(2026, 12, 1)), alarm(day=date(2026, 12, 2)), alarm("staff")]
    states = [each.state for each in alarms.add(db, monitor.id, later, target)]
    assert states == [AlarmState.SILENCED, AlarmState.NEW, AlarmState.NEW]
    alarms.silence(db, first.id, None)
    assert alarms.get(db, first.id).state is AlarmState.NEW


def test_texts_of_an_alarm_become_documents_once(db: Database, monitor: Monitor) -> None:
    project, run = monitor.project_id, monitor.watching.run
    there = Document("text a", split=Split.TEST, status=Status.DONE)
    documents.add_documents(db, project, [there], "ada")
    found = [(text("a"), ()), (text("b"), ()), (text("c", words="text b"), ())]
    first = opened.documents(db, project, run, found, "ada", "monitor reviews")
    assert first == opened.documents(db, project, run, found, "ada", "monitor reviews")
    assert first["b"] == first["c"] != first["a"] and documents.count_documents(db, project) == 2
    added = documents.get_document(db, first["b"])
    assert (added.split, added.status, added.date) == (Split.TRAIN, Status.UNTOUCHED, "2026-11-26")
    assert [s.label for s in suggestions.of_document(db, first["b"]).spans] == ["app"]
