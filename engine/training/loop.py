"""The training loop: one ``train``, the same alone and in a group of processes.

The best epoch is chosen by dev F1, whatever the task counts in it. Everything random comes
from torch's seeded generator (head, dropout) or from (seed, epoch) (order of batches);
evaluation draws nothing. All that a step depends on can be captured between two steps and
restored in another process: the run then goes on to the same bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Protocol

import numpy as np
import torch

from engine.configuration.settings import Settings
from engine.encoding.examples import Window
from engine.encoding.packed import Windows
from engine.models import adapters, half_products
from engine.models.embeddings import compacted
from engine.training import learner as learners
from engine.training import optimizer, random_state
from engine.training.distributed import Group
from engine.training.freezing import LIMIT, Cache
from engine.training.learner import Learner
from engine.training.loss import CrossEntropy
from engine.training.sampler import Sampler
from engine.training.trainer_state import (
    Best,
    Capture,
    Diverged,
    Epoch,
    Mean,
    StepLog,
    Trained,
    learned,
    put,
)


class Watcher(Protocol):
    """Who looks on while training goes; may raise to stop it at once."""

    def step(self, step: StepLog) -> None:
        """Hear of an optimizer step."""

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Hear of a finished epoch, and whether it is the best so far."""

    def enough(self) -> bool:
        """Tell whether to stop here and keep the best so far."""

    def log(self, message: str) -> None:
        """Hear a sentence for the person who watches."""


class Keeper(Protocol):
    """Who keeps captures where a later attempt finds them."""

    def latest(self) -> Capture | None:
        """Return the newest capture that is whole."""

    def due(self, seconds: float) -> bool:
        """Tell whether to keep one now, after so many seconds of training."""

    def keep(self, step: int, capture: Capture, seconds: float) -> None:
        """Keep a capture made after ``step``."""


def train(
    model: torch.nn.Module,
    windows: Sequence[Window],
    settings: Settings,
    device: torch.device,
    padding: int,
    evaluate: Callable[[], dict] | None,
    watcher: Watcher,
    keeper: Keeper | None = None,
    group: Group | None = None,
    objective: type[CrossEntropy] = CrossEntropy,
    cache: Cache | None = None,
    learner: Callable[..., Learner] | None = None,
    more: Iterable[int] = (),
    room: int = LIMIT,
    halved: bool = False,
) -> Trained:
    """Fine-tune ``model`` in place and leave the best epoch's weights in it.

    ``evaluate`` returns the dev figures with at least "f1" and "loss"; without it the last
    epoch counts as best. It is called in the group's leading process only. ``cache`` is what
    several trainings of one model share; without it, a training keeps its own. ``learner`` takes
    the steps, else the one that fits the device; ``more`` are pieces that it shows besides those
    of the windows; ``room`` is how many bytes a cache of its own may take; ``halved`` whether
    matrix products are in bf16. Raises Diverged when the loss is no number any more; the model
    then holds the best weights so far, if there are any.
    """
    used = {*np.unique(Windows.of(windows).pieces).tolist(), padding, *more}
    products = half_products.halved(model) if halved else nullcontext()
    with compacted(model, used), products:
        group = group or Group()
        given = model, windows, settings, device, padding, watcher, group, objective, cache
        course = Course(*given, learner or learners.choose(settings, device, group), room)
        capture = keeper.latest() if keeper else None
        if capture:
            course.restore(capture)
        try:
            model.train()
            if not capture:
                course.begin(evaluate)
            if course.steps:
                course.learner.probe()
            course.run(evaluate, keeper)
        except Diverged as problem:
            problem.best_epoch = course.best.epoch if course.best.known else None
            raise
        finally:
            course.best.restore(model)
    return course.result


class Course:
    """A training run from epoch to epoch, and where it stands."""

    def __init__(
        self,
        model: torch.nn.Module,
        windows: Sequence[Window],
        settings: Settings,
        device: torch.device,
        padding: int,
        watcher: Watcher,
        group: Group,
        objective: type[CrossEntropy],
        cache: Cache | None = None,
        learner: Callable[..., Learner] = Learner,
        room: int = LIMIT,
    ) -> None:
        self.model, self.settings, self.device = model, settings, device
        self.watcher, self.group = watcher, group
        self.sampler = Sampler(windows, settings)
        self.per_epoch = self.sampler.per_epoch
        self.steps = self.per_epoch * settings.epochs
        started = time.perf_counter()
        self.learner = learner(
            model,
            windows,
            settings,
            device,
            padding,
            self.steps,
            group,
            watcher.log,
            objective,
            cache,
            room,
        )
        self.epoch, self.done = 1, 0
        """The epoch that runs, and how many of its steps are done."""
        self.mean, self.best, self.result = Mean(device), Best(), Trained()
        # Computing the frozen layers ahead belongs to the time that training takes.
        self.result.train_seconds = time.perf_counter() - started

    def begin(self, evaluate: Callable[[], dict] | None) -> None:
        """Fit the head where the settings want it, and let dev say how good it is as it is."""
        if not self._fit_head():
            return
        dev, seconds = self._judge(evaluate), self.result.train_seconds
        self.result.start = dev
        if dev is not None or not self.settings.epochs:
            better = self.best.offer(self.model, 0, dev)
            self.watcher.epoch(Epoch(0, 0.0, dev, seconds), better)

    def _fit_head(self) -> bool:
        """Fit the head to what the encoder says now; return whether that was to be done."""
        if self.settings.head != "fitted" or not self.learner.head.fits:
            return False
        started = time.perf_counter()
        self.learner.head.fit()
        self.result.train_seconds += time.perf_counter() - started
        return True

    def run(self, evaluate: Callable[[], dict] | None, keeper: Keeper | None) -> None:
        """Go on from where the run stands to its end."""
        while not self._over():
            if self._steps(keeper):
                self.result.stopped_early = True
                if not self.best.known:
                    self._finish_epoch(evaluate)
                break
            self._finish_epoch(evaluate)
            self.epoch, self.done = self.epoch + 1, 0
        self.result.best_epoch = self.best.epoch
        self.result.accumulation = self.learner.accumulation

    def _over(self) -> bool:
        patience, finished = self.settings.patience, self.epoch - 1
        tired = patience and self.best.figure and finished - self.best.epoch >= patience
        return finished >= self.settings.epochs or bool(tired)

    def _steps(self, keeper: Keeper | None) -> bool:
        """Do the rest of the epoch's steps; return whether somebody asked to stop early."""
        self.model.train()
        if not self.done:
            random_state.seed_epoch(self.settings.seed, self.epoch, self.group.rank)
            self.learner.begin_epoch(self.epoch)
        for positions in self._batches():
            started = time.perf_counter()
            step = (self.epoch - 1) * self.per_epoch + self.done
            loss = self.learner.update(step, positions)
            weight, words = self.learner.measure(positions)
            self.mean.add(loss, weight)
            self.done += 1
            self.result.words += words
            self.result.train_seconds += time.perf_counter() - started
            if self._pause(step, keeper):
                return True
        return False

    def _batches(self) -> Iterator[list[int]]:
        yield from self.sampler.batches(self.epoch)[self.done :]

    def _pause(self, step: int, keeper: Keeper | None) -> bool:
        """Between two steps: tell, keep a capture, hear whether it is enough."""
        result = self.result
        seconds = result.train_seconds
        told = StepLog(self.epoch, step + 1, self.steps, result.words, seconds, self.mean.value)
        self.watcher.step(told)
        due = keeper is not None and self.group.leads and keeper.due(seconds)
        due, enough = self.group.agree(due, self.group.leads and self.watcher.enough())
        if due:
            self.learner.check(step, self.mean.value)
            capture = self.capture()
            if keeper is not None and self.group.leads:
                keeper.keep(step + 1, capture, seconds)
        return enough

    def _finish_epoch(self, evaluate: Callable[[], dict] | None) -> None:
        """Evaluate on dev, and keep the weights if they are the best so far."""
        started = time.perf_counter()
        # A GPU may have steps to do yet.
        self.learner.check(self.epoch * self.per_epoch - 1, self.mean.value)
        self.result.train_seconds += time.perf_counter() - started
        loss, self.mean = float(self.mean.value), Mean(self.device)
        # The encoder has moved. A head that is fitted to where it went, with its penalty, is
        # better than the one that moved with it: BANKING77, 8 examples each, 0.83 after 0.81.
        last = self.result.stopped_early or self.epoch == self.settings.epochs
        if evaluate or last:
            self._fit_head()
        dev = self._judge(evaluate)
        epoch = Epoch(self.epoch, loss, dev, self.result.train_seconds)
        self.result.history.append(epoch)
        better = self.best.offer(self.model, self.epoch, dev)
        self.watcher.epoch(epoch, better)

    def _judge(self, evaluate: Callable[[], dict] | None) -> dict | None:
        """Return the dev figures, the same in all processes; None without dev."""
        started = time.perf_counter()
        dev = self.group.tell(evaluate() if evaluate and self.group.leads else None)
        self.result.eval_seconds += time.perf_counter() - started
        return dev

    def capture(self) -> Capture:
        """Return all that the next step depends on; every process of the group takes part."""
        extra, more = adapters.capture(self.model)
        random = random_state.capture(self.device)
        gathered = {name: self.group.gather(state) for name, state in random.items()}
        tensors = {
            **{f"model.{name}": tensor for name, tensor in learned(self.model).items()},
            **{f"optimizer.{name}": t for name, t in optimizer.capture(self.learner.optimizer)},
            **{f"best.{name}": tensor for name, tensor in self.best.weights.items()},
            **{f"adapters.{name}": tensor for name, tensor in extra.items()},
            **{f"learner.{name}": tensor for name, tensor in self.learner.capture().items()},
            **{
                f"random.{r}.{name}": s
                for name, all_ in gathered.items()
                for r, s in enumerate(all_)
            },
        }
        values = {
            "epoch": self.epoch,
            "done": self.done,
            "mean": self.mean.to_json(),
            "best": {"epoch": self.best.epoch, "figure": self.best.figure},
            "adapters": more,
            "accumulation": self.learner.accumulation,
            "processes": self.group.size,
            "result": asdict(self.result),
        }
        return Capture(values, tensors)

    def restore(self, capture: Capture) -> None:
        """Take the place that a capture describes."""
        values = capture.values
        parts: dict[str, dict[str, torch.Tensor]] = {}
        for key, tensor in capture.tensors.items():
            part, name = key.split(".", 1)
            parts.setdefault(part, {})[name] = tensor
        put(self.model, parts["model"])
        optimizer.restore(self.learner.optimizer, parts.get("optimizer", {}))
        adapters.restore(self.model, parts.get("adapters", {}), values["adapters"])
        self.learner.restore(parts.get("learner", {}))
        self.epoch, self.done = values["epoch"], values["done"]
        self.mean = Mean(self.device, **values["mean"])
        self.best = Best(**values["best"], weights=parts.get("best", {}))
        self.learner.accumulation = values["accumulation"]
        result = values["result"]
        history = [Epoch(**epoch) for epoch in result.pop("history")]
        self.result = Trained(history=history, **result)
        self._restore_random(parts["random"], values["processes"])

    def _restore_random(self, states: dict[str, torch.Tensor], processes: int) -> None:
        if processes != self.group.size:
            self.watcher.log(
                f"The run goes on with {self.group.size} processes instead of {processes}: "
                f"the last digits may differ."
            )
        mine = f"{min(self.group.rank, processes - 1)}."
        named = {k.removeprefix(mine): t for k, t in states.items() if k.startswith(mine)}
        random_state.restore(named, self.device)
