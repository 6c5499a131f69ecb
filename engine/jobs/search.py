"""A search for good settings: Optuna proposes, short trainings answer with their dev F1.

A search is a run of its own. Each trial is a training with other settings on the same data; a
trial that lags behind the others is pruned after an epoch. Only dev is looked at; nothing is
saved but the trials and the best settings. The study lives in ``study.jsonl`` of the run's
folder, so that a killed search goes on with the trials that it has.

The sampler is TPE (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"),
pruning follows the median of the trials before (Golovin et al. 2017, "Google Vizier").
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from engine import tasks
from engine.configuration.settings import Settings
from engine.inference.predicting import Evaluator
from engine.jobs import training
from engine.jobs.kinds import PARALLEL
from engine.runs.spec import RunSpec
from engine.training import reporting
from engine.training.callbacks import Watch
from engine.training.loop import Watcher, train
from engine.training.trainer import RunContext, Trainer
from engine.training.trainer_state import Diverged, Epoch, StepLog
from storage.errors import InputError
from storage.types import Split

STUDY = "study.jsonl"
NAMES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
}
# The first trial is the recipe's own settings, and the first few are never pruned.
STARTUP_TRIALS = 3
WARMUP_EPOCHS = 1
# Around the settings asked for: a third to three times the learning rate.
RATE_FACTOR = 3.0
BATCHES = (4, 8, 16, 32)
DROPOUTS = (0.0, 0.1, 0.2)
HEAD_RATES = (1.0, 3.0, 10.0)

optuna.logging.set_verbosity(optuna.logging.ERROR)


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Run the trials that are still to do, write the report, return the closing sentence.

    Raises InputError where there is no dev document to judge trials by, and Cancelled.
    """
    started = time.perf_counter()
    context = training.prepare(folder, asked, watch, permit)
    if not context.parts[Split.DEV]:
        raise InputError(
            "A search needs dev documents to compare settings by; mark more documents as done, "
            "or give some the split dev on the Data page."
        )
    if not asked.settings.epochs:
        raise InputError(
            "Without an epoch all settings give the same model; search with another recipe, or "
            "choose a number of epochs."
        )
    study = open_study(folder, context.asked.settings)
    seen = Search(context, study)
    if (side_by_side := asked.options.get(PARALLEL, 1)) > 1:
        spread = import_module("engine.scaling.searching")
        spread.run(seen, side_by_side)
    while len(seen.finished()) < asked.options["trials"] and not watch.enough():
        seen.run_next()
    watch.enter("saving", seconds_left=None)
    report = seen.report(time.perf_counter() - started)
    permit()
    usage = reporting.usage(context.asked, context.device)
    reporting.save_findings(folder, {}, report, usage)
    best = report["best"]
    said = tasks.get(asked.task).words.spoken
    return f"The best of {len(report['trials'])} trials has dev {said} {best['f1']:.3f}."


def open_study(folder: Path, settings: Settings) -> optuna.Study:
    """Return the folder's study, a new one with the settings asked for as its first trial."""
    storage = JournalStorage(JournalFileBackend(str(folder / STUDY)))
    study = optuna.create_study(
        storage=storage,
        study_name="search",
        direction="maximize",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(STARTUP_TRIALS, WARMUP_EPOCHS),
    )
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        # Its worker was killed; Optuna would hold it for running for ever.
        study.tell(trial.number, state=TrialState.FAIL)
    if not study.trials:
        first = {
            "learning_rate": settings.learning_rate,
            "batch_size": settings.batch_size,
            "dropout": DROPOUTS[1] if settings.dropout is None else settings.dropout,
            "head_rate": settings.head_rate,
        }
        study.enqueue_trial(first)
    # Seeded anew after a kill, so as not to draw the trials that were before it again.
    study.sampler = optuna.samplers.TPESampler(
        seed=settings.seed + len(study.trials), n_startup_trials=STARTUP_TRIALS
    )
    return study


def propose(trial: Trial, settings: Settings) -> Settings:
    """Return the settings of a trial: those asked for with what the sampler drew in their place."""
    rate = settings.learning_rate
    return replace(
        settings,
        recipe="",
        learning_rate=trial.suggest_float(
            "learning_rate", rate / RATE_FACTOR, rate * RATE_FACTOR, log=True
        ),
        batch_size=trial.suggest_categorical("batch_size", sorted({*BATCHES, settings.batch_size})),
        dropout=trial.suggest_categorical("dropout", sorted({*DROPOUTS, settings.dropout or 0.1})),
        head_rate=trial.suggest_categorical("head_rate", sorted({*HEAD_RATES, settings.head_rate})),
    )


class Search:
    """A study at work on a run's data."""

    def __init__(self, context: RunContext, study: optuna.Study | None = None) -> None:
        self.context, self._study = context, study
        self.wanted = context.asked.settings

    @property
    def study(self) -> optuna.Study:
        """Return the study; a trial that runs elsewhere has none."""
        assert self._study, "only the search itself asks its study"
        return self._study

    def finished(self) -> list[FrozenTrial]:
        """Return the trials that ended with an answer."""
        states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
        known = self.study.get_trials(deepcopy=False, states=states)
        return [trial for trial in known if "settings" in trial.user_attrs]

    def ask(self) -> tuple[Trial, Settings]:
        """Return the next trial and the settings that the sampler proposes; say that it runs."""
        trial = self.study.ask()
        settings = propose(trial, self.wanted)
        trials = self.context.asked.options["trials"]
        self.context.watch.begin_training(len(self.finished()) + 1, trials)
        tell(self.context.watch, trial.number, "running", settings)
        return trial, settings

    def run_next(self) -> None:
        """Train once with what the sampler proposes, and tell it how that went."""
        trial, settings = self.ask()
        started, state = time.perf_counter(), TrialState.COMPLETE
        judge = Judge(trial, self.context.watch)
        try:
            self.train(settings, judge)
        except optuna.TrialPruned:
            state = TrialState.PRUNED
        except Diverged:
            state = TrialState.FAIL
        seconds = time.perf_counter() - started
        self.conclude(trial, settings, state, judge.best, judge.epochs, seconds)

    def conclude(
        self,
        trial: Trial,
        settings: Settings,
        state: TrialState,
        best: float,
        epochs: int,
        seconds: float,
    ) -> None:
        """Write down how a trial ended: for the sampler, and for whoever watches."""
        known: dict[str, Any] = {"f1": best, "epochs": epochs, "seconds": seconds}
        for name, value in {"settings": asdict(settings), **known}.items():
            trial.set_user_attr(name, value)
        self.study.tell(trial, best if state is TrialState.COMPLETE else None, state=state)
        tell(self.context.watch, trial.number, NAMES[state], settings, **known)

    def train(self, settings: Settings, judge: Watcher) -> None:
        """Train once, judged by dev after every epoch."""
        context = replace(self.context, asked=replace(self.context.asked, settings=settings))
        trainer = Trainer(context, 1)
        labels, device, pause = context.asked.labels, context.device, context.watch.pause
        evaluator = Evaluator(
            context.parts[Split.DEV], trainer.loaded, labels, settings, device, pause
        )
        train(
            trainer.loaded.model,
            trainer.windows,
            settings,
            device,
            trainer.loaded.padding,
            lambda: evaluator.evaluate().figures(),
            judge,
            objective=trainer.loaded.head.objective,
        )

    def report(self, seconds: float) -> dict:
        """Return ``report.json``: the trials in their order and the best settings."""
        trials = [describe(trial) for trial in self.finished()]
        good = [trial for trial in trials if trial["state"] == "complete"]
        if not good:
            raise InputError(
                "No trial came to an end; search again with a smaller learning rate or more data."
            )
        best = max(good, key=lambda trial: trial["f1"])
        asked = self.context.asked
        return {
            **reporting.heading(asked),
            "base": asked.base,
            "settings": asdict(asked.settings),
            "total_seconds": seconds,
            "trials": trials,
            "best": best,
            "versions": dict(asked.environment),
            "train": None,
            "dev": None,
            "test": None,
        }


class Judge:
    """Hears a trial's epochs, tells Optuna, and stops the trial where it lags behind."""

    def __init__(self, trial: Trial, watch: Watch) -> None:
        self._trial, self._watch = trial, watch
        self.best, self.epochs = 0.0, 0
        self.enough, self.log = watch.enough, watch.log

    def step(self, step: StepLog) -> None:
        """Pass a step on."""
        self._watch.step(step)

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Report the best F1 so far; raise TrialPruned where others were better by now."""
        assert epoch.dev, "a search judges by dev"
        self.best, self.epochs = max(self.best, epoch.dev["f1"]), epoch.number
        self._watch.pause()
        self._trial.report(self.best, epoch.number)
        if self._trial.should_prune():
            raise optuna.TrialPruned


def tell(watch: Watch, number: int, state: str, settings: Settings, **values: object) -> None:
    """Write an event about a trial."""
    known = {"f1": None, "epochs": 0, "seconds": None, **values}
    watch.trial(number=number, state=state, settings=asdict(settings), **known)


def describe(trial: FrozenTrial) -> dict:
    """Return a trial as the report holds it."""
    known = ("settings", "f1", "epochs", "seconds")
    return {
        "number": trial.number,
        "state": NAMES[trial.state],
        **{name: trial.user_attrs[name] for name in known},
    }
