"""Trials of a search side by side: each is a task of a Ray cluster, under Ray Tune.

Optuna proposes as where trials follow each other, and their journal is the same ``study.jsonl``;
ASHA (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning") stops those that
lag behind, because the median of the trials before, which the other form goes by, is not known
while they run at the same time. The cluster must see the run's folder.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from optuna.trial import Trial, TrialState

from engine.configuration import bases
from engine.configuration.settings import Settings, settings_from
from engine.jobs import search
from engine.models import loading
from engine.runs import snapshot, spec
from engine.runs.events import Cancelled, Silence
from engine.scaling import connecting
from engine.training import distributed
from engine.training.callbacks import Watch
from engine.training.trainer import RunContext
from engine.training.trainer_state import Epoch
from storage.errors import TrainingError

SCRATCH = "ray"
# Where a job of a cluster is told which one it runs on.
ADDRESS = "RAY_ADDRESS"
FACTOR = 3


# What this process is at. Tune writes down what it is given to ask, which a study is no part of.
_at_work: list[search.Search] = []


def at_work() -> search.Search:
    """Return the search that this process is at."""
    return _at_work[0]


def run(seen: search.Search, side_by_side: int) -> None:
    """Run the trials that are still to do, so many at a time.

    In a job of a cluster they run there; else on one that begins here, with as many cores.
    Raises TrainingError where there is no such cluster.
    """
    threads = max(1, seen.wanted.threads)
    address = os.environ.get(ADDRESS) or connecting.LOCAL
    scratch = seen.context.folder / SCRATCH
    _at_work[:] = [seen]
    try:
        with connecting.connected(address, side_by_side * threads):
            _tune(seen, side_by_side, threads)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    seen.context.watch.pause()


def _tune(seen: search.Search, side_by_side: int, threads: int) -> None:
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    left = seen.context.asked.options["trials"] - len(seen.finished())
    with_folder = tune.with_parameters(_train, folder=str(seen.context.folder), threads=threads)
    epochs = max(1, seen.wanted.epochs)
    grace = min(search.WARMUP_EPOCHS, epochs)
    found = tune.Tuner(
        tune.with_resources(with_folder, {"cpu": threads}),
        tune_config=tune.TuneConfig(
            metric="f1",
            mode="max",
            num_samples=left,
            max_concurrent_trials=side_by_side,
            search_alg=_asking(),
            scheduler=ASHAScheduler(
                # Who has made all epochs ends by itself, and is none that lagged behind.
                time_attr="epoch",
                max_t=epochs + 1,
                grace_period=grace,
                reduction_factor=FACTOR,
            ),
        ),
        run_config=tune.RunConfig(
            name="search",
            storage_path=str(seen.context.folder / SCRATCH),
            verbose=0,
            stop=_stopping(),
        ),
    ).fit()
    for error in found.errors[:1]:
        # Told once: they mostly fail for one reason.
        said = str(error).strip().splitlines() or [type(error).__name__]
        seen.context.watch.log(f"A trial on the cluster failed: {said[-1]}")


def _asking() -> Any:
    """Return what Tune asks for settings and tells how they did: the study."""
    from ray.tune.search import Searcher

    class Asking(Searcher):
        def __init__(self) -> None:
            super().__init__(metric="f1", mode="max")
            self.asked: dict[str, tuple[Trial, Settings, float]] = {}
            self.heard: dict[str, Mapping[str, Any]] = {}

        def suggest(self, trial_id: str) -> dict[str, Any]:
            trial, settings = at_work().ask()
            self.asked[trial_id] = trial, settings, time.perf_counter()
            return {"settings": asdict(settings)}

        def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
            self.heard[trial_id] = result
            if not result.get("over"):
                self.asked[trial_id][0].report(result["f1"], result["epoch"])

        def on_trial_complete(
            self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
        ) -> None:
            if trial_id not in self.asked:
                return
            trial, settings, began = self.asked.pop(trial_id)
            # Of the result for which a trial was stopped Tune tells here alone.
            heard = {**self.heard.pop(trial_id, {}), **(result or {})}
            over = TrialState.COMPLETE if heard.get("over") else TrialState.PRUNED
            at_work().conclude(
                trial,
                settings,
                TrialState.FAIL if error or not heard else over,
                float(heard.get("f1", 0.0)),
                int(heard.get("epoch", 0)),
                time.perf_counter() - began,
            )

        def save(self, checkpoint_path: str) -> None:
            """Do nothing: the study is kept by itself."""

        def restore(self, checkpoint_path: str) -> None:
            """Do nothing: the study was read by whoever opened it."""

    return Asking()


def _stopping() -> Any:
    """Return what Tune asks whether somebody wants the search to end."""
    from ray.tune import Stopper

    class Stopping(Stopper):
        def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
            return False

        def stop_all(self) -> bool:
            return _ends(at_work().context.watch)

    return Stopping()


def _ends(watch: Watch) -> bool:
    """Tell whether somebody wants the search to end, at once or with what it has."""
    try:
        watch.pause()
    except Cancelled:
        return True
    return watch.enough()


def _train(config: dict[str, Any], folder: str, threads: int) -> None:
    """On the cluster: be one trial, and tell Tune after every epoch."""
    from ray import tune

    torch.set_num_threads(threads)
    settings = settings_from(config["settings"])
    judge = Telling(tune.report)
    search.Search(_context(Path(folder), settings)).train(settings, judge)
    tune.report({"f1": judge.best, "epoch": judge.epochs, "over": True})


def _context(folder: Path, settings: Settings) -> RunContext:
    """Return what a trial needs of its search's folder, in which it writes nothing."""
    asked = spec.read(folder)
    device = loading.choose_device(settings.device)
    watch = Watch(Silence(), threading.Event(), settings.epochs)
    parts, base = snapshot.parts(folder), bases.fetch(asked.base)
    return RunContext(
        folder, asked, parts, base, device, distributed.join(device), watch, lambda: None
    )


class Telling:
    """Hears a trial's epochs and tells them on; whoever lags behind is stopped by Tune."""

    def __init__(self, report: Any) -> None:
        self._report = report
        self.best, self.epochs = 0.0, 0

    def step(self, step: object) -> None:
        """Pass over a step."""

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Tell the best F1 so far."""
        if not epoch.dev:
            raise TrainingError("A search needs dev documents to compare settings by.")
        self.best, self.epochs = max(self.best, epoch.dev["f1"]), epoch.number
        self._report({"f1": self.best, "epoch": self.epochs})

    def enough(self) -> bool:
        """Never end by oneself."""
        return False

    def log(self, message: str) -> None:
        """Say nothing."""
