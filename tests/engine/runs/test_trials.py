"""A search's trials, read back from its events."""

from __future__ import annotations

from engine.runs import trials
from engine.runs.trials import Trial

TRIED = {"learning_rate": 1e-3}


def event(number: int, state: str, f1: float | None = None) -> dict:
    values = {"number": number, "state": state, "settings": TRIED, "f1": f1}
    return {"at": "", "attempt": 1, "kind": "trial", **values, "epochs": 2, "seconds": 1.5}


def test_a_trial_is_as_its_last_event_left_it() -> None:
    found = trials.read([event(1, "running"), event(0, "pruned", 0.1), event(1, "complete", 0.6)])
    assert found == [
        Trial(0, "pruned", TRIED, 0.1, 2, 1.5),
        Trial(1, "complete", TRIED, 0.6, 2, 1.5),
    ]


def test_other_events_and_absent_figures_are_passed_over() -> None:
    begun = {"kind": "trial", "number": 0, "state": "running"}
    assert trials.read([{"kind": "log", "message": "x"}, begun]) == [Trial(0, "running")]


def test_the_best_is_the_complete_trial_with_the_highest_f1() -> None:
    states = [("complete", 0.5), ("pruned", 0.9), ("complete", 0.7), ("complete", 0.7)]
    found = trials.read(event(number, *state) for number, state in enumerate(states))
    assert trials.best(found) == found[2]
    assert trials.best(found[1:2]) is None
