"""The run's diary: whole lines only, whatever happens to who writes them."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from engine.runs import events
from engine.runs.events import Events


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    return tmp_path / events.FILE


def test_events_come_back_in_order_with_time_attempt_and_kind(diary: Path) -> None:
    writer = Events(diary.parent, attempt=3)
    writer.state("running", pid=5)
    writer.log("Grüße\nzwei Zeilen")
    found, offset = events.read(diary)
    assert [event["kind"] for event in found] == ["state", "log"]
    assert found[0]["state"] == "running"
    assert found[0]["pid"] == 5
    assert found[1]["message"] == "Grüße\nzwei Zeilen"
    assert {event["attempt"] for event in found} == {3}
    assert found[0]["at"].endswith("+00:00")
    assert offset == diary.stat().st_size


def test_reading_goes_on_where_it_stopped(diary: Path) -> None:
    writer = Events(diary.parent)
    writer.log("one")
    _, offset = events.read(diary)
    assert events.read(diary, offset) == ([], offset)
    writer.log("two")
    found, _ = events.read(diary, offset)
    assert [event["message"] for event in found] == ["two"]


def test_a_line_still_being_written_is_left_for_later(diary: Path) -> None:
    diary.write_bytes(b'{"kind": "log", "message": "a"}\n{"kind": "lo')
    found, offset = events.read(diary)
    assert len(found) == 1
    with open(diary, "ab") as file:
        file.write(b'g", "message": "b"}\n')
    found, _ = events.read(diary, offset)
    assert [event["message"] for event in found] == ["b"]


def test_a_line_torn_by_a_kill_costs_only_itself(diary: Path) -> None:
    Events(diary.parent).log("one")
    with open(diary, "ab") as file:
        file.write(b'{"at": "2026", "kin')
    Events(diary.parent, attempt=2).log("two")
    found, _ = events.read(diary)
    assert [event["message"] for event in found] == ["one", "two"]


def test_a_diary_that_is_not_there_has_no_events(diary: Path) -> None:
    assert events.read(diary, 0) == ([], 0)


def test_numbers_that_json_cannot_hold_become_null(diary: Path) -> None:
    Events(diary.parent).write("metric", loss=float("nan"), dev={"f1": [float("inf"), 1.0]})
    (line,) = diary.read_text().splitlines()
    event = json.loads(line, parse_constant=lambda name: pytest.fail(name))
    assert event["loss"] is None
    assert event["dev"] == {"f1": [None, 1.0]}


def test_progress_is_due_at_most_four_times_a_second(diary: Path) -> None:
    writer = Events(diary.parent)
    assert writer.progress_due()
    writer.progress(step=1)
    assert not writer.progress_due()


def test_threads_never_mix_their_lines(diary: Path) -> None:
    writer = Events(diary.parent)

    def write(name: str) -> None:
        for _ in range(100):
            writer.log(name * 500)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found, _ = events.read(diary)
    assert len(found) == 400
    assert all(len(set(event["message"])) == 1 for event in found)
