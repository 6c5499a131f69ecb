"""Is it the model or the label? Every label of train, scored by models that never saw it.

Train is dealt into folds, each fold is scored by a model that learned from the others, and all
of it is done several times with other folds: so each label has several models that never saw
its document or a copy of it, and it can be said how many of how many are of one opinion. From
what they say, and from how the same words are labelled elsewhere, the task ranks what is
probably wrong.

Frozen layers are computed once for all trainings. The scores of a fold are kept as soon as they
are there: of a run that is killed, one training is repeated, and it ends with the same suspects.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from engine import tasks
from engine.evaluation import folds
from engine.evaluation.suspects import LIKELY, LITTLE, Suspect
from engine.jobs import training
from engine.jobs.kinds import FOLDS, ROUNDS
from engine.models import loading
from engine.runs import checkpoints, suspects
from engine.runs.spec import RunSpec
from engine.runs.weighed import opinions
from engine.training import checkpointing, reporting
from engine.training.callbacks import Watch
from engine.training.cross_validation import CrossValidation
from engine.training.trainer import RunContext
from engine.training.trainer_state import Epoch
from storage.errors import ModelError
from storage.types import Document, Split

SCORES = "scores.safetensors"


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Score train in all rounds, rank its labels, write what is suspected; say how many.

    Raises InputError where there are too few documents to deal, ModelError, TrainingError, and
    Cancelled.
    """
    started = time.perf_counter()
    context = training.prepare(folder, asked, watch, permit)
    documents = list(context.parts[Split.TRAIN])
    scores = Rounds(context, documents).scores()
    watch.enter("ranking", seconds_left=None)
    task = tasks.get(asked.task)
    found = task.suspects(documents, scores, asked.labels)
    watch.enter("saving")
    permit()
    suspects.write(folder, found)
    need = sum(each.nbytes for each in scores)
    ids = [position if d.id is None else d.id for position, d in enumerate(documents)]
    context.write(need, lambda: opinions.write(folder, ids, scores))
    informed = task.informed(documents, scores, asked.labels)
    report = _report(context, documents, found, time.perf_counter() - started)
    report["informed"] = informed
    usage = reporting.usage(context.asked, context.device)
    reporting.write(folder, report, usage)
    shutil.rmtree(folder / checkpointing.FOLDER, ignore_errors=True)
    said = f"{report['marks']:,} labels checked: {report['likely']:,} places look wrong."
    return said if informed else f"{said} {LITTLE}"


class Rounds:
    """All trainings of a run: the folds of each round, and what their models say."""

    def __init__(self, context: RunContext, documents: Sequence[Document]) -> None:
        self._context, self._documents = context, documents
        self._folds, rounds = (context.asked.options[name] for name in (FOLDS, ROUNDS))
        first = context.asked.settings.seed
        self._dealt = [
            np.array(folds.assign(documents, self._folds, seed))
            for seed in range(first, first + rounds)
        ]

    def scores(self) -> list[np.ndarray]:
        """Return each document's log-probabilities of shape (rounds, units, outputs), float32."""
        found: list[list[np.ndarray]] = [[] for _ in self._documents]
        watch = Onlooker(self._context.watch)
        for round_, dealt in enumerate(self._dealt):
            for fold in range(self._folds):
                number = round_ * self._folds + fold + 1
                self._context.watch.begin_training(number, len(self._dealt) * self._folds)
                held = np.flatnonzero(dealt == fold).tolist()
                scored = self._kept(number, held) or self._score(number, round_, held, watch)
                for position, rows in scored.items():
                    found[position].append(rows)
        return [np.stack(rows) for rows in found]

    @cached_property
    def _validation(self) -> CrossValidation:
        """The documents, encoded, and the base with a new head that all trainings begin with."""
        context, settings = self._context, self._context.asked.settings
        torch.manual_seed(settings.seed)
        labels = context.asked.labels
        loaded = loading.load_base(
            *(context.base, labels, settings.dropout, context.asked.task),
            word_shapes=settings.word_shapes,
        )
        loaded.model.to(context.device)
        try:
            return CrossValidation(loaded, self._documents, labels, settings, context.device)
        except ModelError:
            if not settings.frozen_layers:
                raise
        context.watch.log("The lower layers of this base model cannot be frozen: all of it learns.")
        unfrozen = replace(settings, frozen_layers=0)
        return CrossValidation(loaded, self._documents, labels, unfrozen, context.device)

    def _score(
        self, number: int, round_: int, held: Sequence[int], watch: Onlooker
    ) -> dict[int, np.ndarray]:
        context = self._context
        context.watch.enter("training")
        asked = context.asked.settings
        settings = replace(asked, seed=asked.seed + round_)
        found = self._validation.score(set(held), watch, context.watch.pause, settings=settings)
        need = sum(rows.nbytes for rows in found.values())
        context.write(need, lambda: self._keep(number, found))
        return found

    def _place(self, number: int) -> Path:
        return self._context.folder / checkpointing.FOLDER / f"{number:03d}"

    def _keep(self, number: int, found: dict[int, np.ndarray]) -> None:
        named = {str(position): rows for position, rows in found.items()}
        place = self._place(number)
        place.parent.mkdir(exist_ok=True)
        checkpoints.write_whole(
            place, lambda draft: save_file(named, draft / SCORES), self._context.permit
        )

    def _kept(self, number: int, held: Sequence[int]) -> dict[int, np.ndarray] | None:
        """Return what an earlier attempt has scored; None where that is not whole."""
        try:
            named = load_file(checkpoints.verify(self._place(number)) / SCORES)
        except ModelError:
            return None
        return {position: named[str(position)] for position in held}


class Onlooker:
    """Passes on what a training tells; its epochs are no figures of the run."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.step, self.log = watch.step, watch.log

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Hear of an epoch; there is nothing that it could be the best of."""
        self._watch.pause()

    def enough(self) -> bool:
        """Train to the end: a model that was stopped knows less than the others."""
        return False


def _report(
    context: RunContext, documents: Sequence[Document], found: Sequence[Suspect], seconds: float
) -> dict:
    asked, likely = context.asked, [each for each in found if each.score >= LIKELY]
    return {
        **reporting.heading(asked),
        "base": asked.base,
        "device": loading.name_device(context.device),
        "settings": asdict(asked.settings),
        **{name: asked.options[name] for name in (FOLDS, ROUNDS)},
        "labels": list(asked.labels),
        "left_out": list(asked.left_out),
        "documents": len(documents),
        "marks": sum(len(document.spans) for document in documents),
        "data": {Split.TRAIN.value: reporting.fingerprint(documents)},
        "suspects": len(found),
        "likely": len(likely),
        "missing": sum(each.given is None for each in likely),
        "total_seconds": seconds,
        "versions": dict(asked.environment),
        **dict.fromkeys(("train", "dev", "test")),
    }
