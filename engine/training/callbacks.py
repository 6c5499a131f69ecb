"""What watches a run: turns steps and epochs into events, and stops the run when asked."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict
from typing import Any

from engine.runs.events import Cancelled, Events
from engine.training.trainer_state import Epoch, StepLog


class Watch:
    """Write progress, metrics and log lines to the events.

    Once ``stop`` is set, Cancelled is raised between two steps; once ``keep`` is, the run
    stops there and keeps its best model.
    """

    def __init__(
        self,
        events: Events,
        stop: threading.Event,
        epochs: int,
        keep: threading.Event | None = None,
    ) -> None:
        self._events, self._stop = events, stop
        self._keep = keep or threading.Event()
        self._state: dict[str, Any] = {
            "phase": "loading",
            "epoch": 0,
            "epochs": epochs,
            "step": 0,
            "steps": 0,
            "loss": None,
            "words_per_second": None,
            "seconds_left": None,
            "device": "",
            "member": 1,
            "members": 1,
        }
        self._evaluation = 0.0
        self._evaluating_since = 0.0
        self._doing = "training"

    def begin_training(self, number: int, trainings: int) -> None:
        """Say that the training with the ``number``-th of so many seeds begins."""
        self._state |= {"member": number, "members": trainings, "epoch": 0, "step": 0}

    def begin_companion(self, name: str, epochs: int) -> None:
        """Say that another model than the run's own is trained from now on, in so many epochs."""
        self._doing, self._evaluation = f"training the {name}", 0.0
        own = {"member": 1, "members": 1, "epoch": 1, "epochs": epochs, "step": 0, "steps": 0}
        self.enter(self._doing, loss=None, words_per_second=None, seconds_left=None, **own)

    def enter(self, phase: str, **values: object) -> None:
        """Say that a new phase begins: loading, training, reading, evaluating, testing, saving."""
        self.pause()
        self._state |= {"phase": phase, **values}
        self._events.progress(**self._state)

    def log(self, message: str) -> None:
        """Leave a sentence for the person who watches."""
        self._events.log(message)

    def trial(self, **values: object) -> None:
        """Note where a trial of a search stands."""
        self._events.write("trial", **values)

    def wait(self, message: str) -> None:
        """Say that the disk is full, and that the run waits for space."""
        self._events.log(message)
        waiting = {"phase": "waiting for disk space", "message": message}
        self._events.progress(**{**self._state, **waiting})

    def go_on(self) -> None:
        """Say that there is space again."""
        self._events.log("There is space on the disk again: the run goes on.")
        self._events.progress(**self._state)

    def pause(self) -> None:
        """Raise Cancelled where somebody asked the run to stop."""
        if self._stop.is_set():
            raise Cancelled

    def enough(self) -> bool:
        """Tell whether somebody asked to stop and keep the best so far."""
        return self._keep.is_set()

    def step(self, step: StepLog) -> None:
        """Note an optimizer step; only a few a second are written, and only these wait for loss."""
        self.pause()
        # Kept up also when nothing is written: short epochs are told by their evaluations.
        self._state |= {"epoch": step.epoch, "step": step.step, "steps": step.steps}
        if not self._events.progress_due():
            return
        self._state |= {
            "phase": self._doing,
            "loss": float(step.loss),
            "words_per_second": step.words / step.seconds,
            "seconds_left": self._seconds_left(step),
        }
        self._events.progress(**self._state)

    def _seconds_left(self, step: StepLog) -> float:
        training = step.seconds / step.step * (step.steps - step.step)
        rest = training + (self._state["epochs"] - step.epoch + 1) * self._evaluation
        whole = step.seconds / step.step * step.steps + self._state["epochs"] * self._evaluation
        return rest + (self._state["members"] - self._state["member"]) * whole

    def reading(self, done: int, total: int, words: int, seconds: float) -> None:
        """Note how many documents a model has looked at."""
        self.pause()
        if not self._events.progress_due():
            return
        self._state |= {
            "phase": "reading",
            "step": done,
            "steps": total,
            "words_per_second": words / seconds,
            "seconds_left": seconds / done * (total - done) if done else None,
        }
        self._events.progress(**self._state)

    def evaluating(self) -> None:
        """Note that the dev split is being predicted."""
        self._evaluating_since = time.perf_counter()
        self.enter("evaluating")

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Note a finished epoch with its figures; epochs count on from seed to seed."""
        if epoch.dev is not None:
            self._evaluation = time.perf_counter() - self._evaluating_since
        values = asdict(epoch)
        member, number = self._state["member"], values.pop("number")
        whole = (member - 1) * self._state["epochs"] + number
        values |= {"member": member, "within": number, "best": best}
        self._events.write("metric", epoch=whole, **values)
        self.pause()
