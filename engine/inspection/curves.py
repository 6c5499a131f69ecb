"""Learning curves of a project: begun, read, and held against what happened afterwards.

A prediction is compared with a later training on more data. Where an earlier training of the
same recipe and base model is there, the rise since that one is what was predicted: another recipe
has another level, and most often the same slope. Else the curve's own level is, if it was drawn
with that recipe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.configuration import recipes, timing
from engine.configuration.recipes import Data
from engine.configuration.settings import Settings
from engine.configuration.timing import Pace
from engine.evaluation import figures, learning_curve
from engine.evaluation.learning_curve import ALL, EIGHTHS, FARTHEST, SHARES, Curve
from engine.jobs import kinds
from engine.runner import enqueue, models, results
from engine.runner.owning import folder_of
from engine.runs import snapshot
from storage.database.connection import Database
from storage.errors import WhetstoneError
from storage.runs import runs
from storage.types import Run, RunKind, RunState, Split

REPEATS = 2
DEV = Split.DEV.value


def start(
    db: Database, project_id: int, base: str, settings: Settings, repeats: int = REPEATS
) -> Run:
    """Queue a learning curve; raises InputError and ModelError as ``enqueue`` does.

    One process, no adapters: all its trainings begin with the same weights.
    """
    plain = replace(settings, peft="", processes=1, seeds=1)
    options: dict[str, Any] = {kinds.REPEATS: repeats}
    return enqueue(db, project_id, base, plain, RunKind.LEARNING_CURVE, **options)


def seconds(
    recipe: str,
    train: Data,
    dev_words: int,
    pace: Pace,
    repeats: int = REPEATS,
) -> float:
    """Return how long a curve takes at most, on a machine of this pace."""
    once = replace(pace, around=0.0)
    data = [train.part(max(1, train.documents * share // EIGHTHS)) for share in SHARES]
    chosen = replace(recipes.choose(recipe, data[-1]), retriever_epochs=0)
    each = (timing.seconds(recipes.of_part(chosen, d), d, (0, dev_words), once) for d in data)
    return pace.around + repeats * sum(each)


def newest(db: Database, project_id: int) -> tuple[Run, dict[str, Any]] | None:
    """Return the newest curve that is done, with its report; None without one."""
    for run in _drawn(db, project_id):
        if report := results.of_run(db, run.id):
            return run, report
    return None


def living(db: Database, project_id: int) -> Run | None:
    """Return the curve that is being drawn, or that waits to be; None without one."""
    which = runs.Which(kinds=[RunKind.LEARNING_CURVE], ended=False)
    return next(iter(runs.list_runs(db, project_id, which, most=1)), None)


def _drawn(db: Database, project_id: int) -> list[Run]:
    which = runs.Which(kinds=[RunKind.LEARNING_CURVE], states=[RunState.DONE])
    return runs.list_runs(db, project_id, which, runs.LISTED)


def of_report(report: Mapping[str, Any]) -> dict[str, Curve]:
    """Return a report's curves by label, the one of all labels under ``ALL``."""
    return {label: learning_curve.of_json(label, each) for label, each in report["curves"].items()}


@dataclass(frozen=True, slots=True)
class Held:
    """A prediction and what came of it: the F1 of one label, or of all, on dev."""

    curve: Run
    run: Run
    before: Run | None
    """The training since which the rise was predicted; None: the curve's own level was."""
    label: str
    size: int
    """Sentences with the label that the later training learned from."""
    low: float
    high: float
    measured: float
    same_dev: bool
    """Whether dev holds the same as when the curve was drawn."""

    @property
    def right(self) -> bool:
        """Whether it came as was said; both ends are part of it."""
        return round(self.low, 3) <= round(self.measured, 3) <= round(self.high, 3)

    @property
    def sentence(self) -> str:
        """Say it: "predicted 0.71–0.76, was 0.74"."""
        return f"predicted {self.low:.2f}–{self.high:.2f}, was {self.measured:.2f}"


def held(db: Database, project_id: int) -> list[Held]:
    """Hold every curve against the trainings that came after it, the newest first.

    For each training the newest curve before it counts. A label is held against where the
    training had more sentences with it, not many times more, and something had been said.
    """
    drawn = _drawn(db, project_id)
    found: list[Held] = []
    if drawn:
        trained = [each for run in models(db, project_id) if (each := _look(db, run))]
        for at, after in enumerate(trained):
            curve = next((each for each in drawn if each.id < after.run.id), None)
            told = results.of_run(db, curve.id) if curve else None
            if curve and told:
                before = next((t for t in trained[at + 1 :] if _alike(t.run, after.run)), None)
                found += _rows(curve, told, after, before)
    return found


@dataclass(frozen=True, slots=True)
class _Training:
    """A training that was scored on dev, and how many sentences of each label it learned from."""

    run: Run
    report: Mapping[str, Any]
    sizes: Mapping[str, int]

    def f1(self, label: str) -> float | None:
        scores = self.report[DEV]
        if label == ALL:
            return scores["headline"]["value"]
        row = figures.of_labels(scores).get(label)
        return row["f1"] if row else None


def _look(db: Database, run: Run) -> _Training | None:
    report = results.of_run(db, run.id)
    return _Training(run, report, _sizes(run)) if report and report.get(DEV) else None


def _alike(one: Run, other: Run) -> bool:
    names = ("recipe", "base", "peft")
    return all(one.settings.get(name) == other.settings.get(name) for name in names)


def _rows(
    drawn: Run, told: Mapping[str, Any], after: _Training, before: _Training | None
) -> Iterator[Held]:
    if before is None and not _alike(drawn, after.run):
        return
    same = after.report["data"][DEV] == told["data"][DEV]
    for label, curve in of_report(told).items():
        size, measured = after.sizes.get(label, 0), after.f1(label)
        if curve.unknown or measured is None or not curve.now < size <= FARTHEST * curve.now:
            continue
        if said := _said(curve, size, before):
            low, high = max(said[0], 0.0), min(said[1], 1.0)
            since = before.run if before else None
            yield Held(drawn, after.run, since, label, size, low, high, measured, same)


def _said(curve: Curve, size: int, before: _Training | None) -> tuple[float, float] | None:
    """Return where the F1 of a training of this size should lie; None where nothing was said."""
    if before is None:
        return curve.at(size)[1:]
    start, old = before.f1(curve.label), before.sizes.get(curve.label, 0)
    if start is None or not old:
        return None
    low, high = curve.rise(old, size)
    return start + low, start + high


def _sizes(run: Run) -> dict[str, int]:
    """Count the sentences of each label, and all, that a training learned from."""
    counts: Counter[str] = Counter()
    try:
        for document in snapshot.stream(folder_of(run)):
            if document.split in (None, Split.TRAIN):
                counts.update({span.label for span in document.spans} | {ALL})
    except WhetstoneError:
        # Its folder is gone or damaged: nothing is known of it.
        return {}
    return dict(counts)
