"""A run's events: whole lines only, whatever happens to who writes them."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.runs import events
from engine.runs.events import Events


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / events.FILE


def test_events_come_back_in_order_with_time_attempt_and_kind(path: Path) -> None:
    writer = Events(path.parent, attempt=3)
    writer.state("running", pid=5)
    writer.log("Grüße\nzwei Zeilen")
    found, offset = events.read(path)
    assert [event["kind"] for event in found] == ["state", "log"]
    assert found[0]["state"] == "running"
    assert found[0]["pid"] == 5
    assert found[1]["message"] == "Grüße\nzwei Zeilen"
    assert {event["attempt"] for event in found} == {3}
    assert found[0]["at"].endswith("+00:00")
    assert offset == path.stat().st_size


def test_reading_goes_on_where_it_stopped(path: Path) -> None:
    writer = Events(path.parent)
    writer.log("one")
    _, offset = events.read(path)
    assert events.read(path, offset) == ([], offset)
    writer.log("two")
    found, _ = events.read(path, offset)
    assert [event["message"] for event in found] == ["two"]


def test_a_line_still_being_written_is_left_for_later(path: Path) -> None:
    path.write_bytes(b'{"kind": "log", "message": "a"}\n{"kind": "lo')
    found, offset = events.read(path)
    assert len(found) == 1
    with open(path, "ab") as file:
        file.write(b'g", "message": "b"}\n')
    found, _ = events.read(path, offset)
    assert [event["message"] for event in found] == ["b"]


def test_a_line_torn_by_a_kill_costs_only_itself(path: Path) -> None:
    Events(path.parent).log("one")
    with open(path, "ab") as file:
        file.write(b'{"at": "2026", "kin')
    Events(path.parent, attempt=2).log("two")
    found, _ = events.read(path)
    assert [event["message"] for event in found] == ["one", "two"]


def test_a_file_that_is_not_there_has_no_events(path: Path) -> None:
    assert events.read(path, 0) == ([], 0)


def test_numbers_that_json_cannot_hold_become_null(path: Path) -> None:
    Events(path.parent).write("metric", loss=float("nan"), dev={"f1": [float("inf"), 1.0]})
    (line,) = path.read_text().splitlines()
    event = json.loads(line, parse_constant=lambda name: pytest.fail(name))
    assert event["loss"] is None
    assert event["dev"] == {"f1": [None, 1.0]}


def test_progress_is_due_at_most_four_times_a_second(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(events, "time", SimpleNamespace(monotonic=lambda: now[0]))
    writer = Events(path.parent)
    assert writer.progress_due()
    writer.progress(step=1)
    now[0] += 0.24
    assert not writer.progress_due()
    now[0] += 0.02
    assert writer.progress_due()


def test_threads_never_mix_their_lines(path: Path) -> None:
    writer = Events(path.parent)

    def write(name: str) -> None:
        for _ in range(100):
            writer.log(name * 500)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found, _ = events.read(path)
    assert len(found) == 400
    assert all(len(set(event["message"])) == 1 for event in found)
