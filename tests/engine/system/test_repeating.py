"""What goes on beside a server: again and again, whatever happens, and no longer than it."""

from __future__ import annotations

import threading

import pytest

from engine.system import repeating
from engine.system.repeating import Repeating

SECONDS = 30.0


class Counted:
    """An action that fails the first time."""

    def __init__(self) -> None:
        self.done, self.thrice = 0, threading.Event()

    def __call__(self) -> None:
        self.done += 1
        if self.done == 1:
            raise OSError("The disk is full.")
        if self.done == 3:
            self.thrice.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "TROUBLE_SECONDS", 0.0)


def test_an_error_is_said_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    counted = Counted()
    rounds = Repeating("counter", counted, 0.001)
    rounds.start()
    assert rounds.running and counted.thrice.wait(SECONDS)
    rounds.stop()
    assert "The counter met an error and goes on" in caplog.text
    assert "The disk is full." in caplog.text


def test_once_stopped_nothing_is_done_any_more_and_it_can_be_started_again() -> None:
    counted = Counted()
    rounds = Repeating("counter", counted, 0.001)
    rounds.stop()
    rounds.start()
    assert counted.thrice.wait(SECONDS)
    rounds.stop()
    done = counted.done
    assert not rounds.running
    counted.thrice.clear()
    assert not counted.thrice.wait(0.02) and counted.done == done
    counted.done = 1
    rounds.start()
    assert counted.thrice.wait(SECONDS)
    rounds.stop()
