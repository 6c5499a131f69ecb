"""One training of a run, with one seed: build the model, teach it, examine it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch

from engine.encoding.examples import Window, encode
from engine.inference.predicting import Exam, Serve, Verdict
from engine.models import adapters, loading
from engine.models.loading import Loaded
from engine.runs.spec import RunSpec
from engine.system import disk
from engine.training import checkpointing, freezing, reporting, seeds
from engine.training.callbacks import Watch
from engine.training.distributed import Group
from engine.training.loop import train
from engine.training.sampler import Sampler
from engine.training.seeds import Member
from engine.training.trainer_state import Diverged, Epoch, Step, Trained, learned
from storage.errors import ModelError, TrainingError
from storage.types import Document, Split


@dataclass(frozen=True, slots=True)
class Desk:
    """What all trainings of a run share."""

    folder: Path
    asked: RunSpec
    parts: Mapping[Split, list[Document]]
    base: Path
    device: torch.device
    group: Group
    watch: Watch
    permit: Callable[[], None]
    """Asked before anything is put in place; may raise."""

    def write(self, need: int, action: Callable[[], None]) -> None:
        """Write about ``need`` bytes into the folder; wait where the disk is full."""
        disk.write_patiently(self.folder, need, action, self.watch)


class Tuition:
    """The training with the ``number``-th of the run's seeds, counted from 1."""

    def __init__(self, desk: Desk, number: int) -> None:
        self.desk, self.number = desk, number
        asked = desk.asked.settings
        self.settings = replace(asked, seed=asked.seed + number - 1)
        self.dev: Examiner | None = None

    @cached_property
    def loaded(self) -> Loaded:
        """The base with a new head, as the settings want it before training."""
        torch.manual_seed(self.settings.seed)
        desk = self.desk
        loaded = loading.load_base(desk.base, desk.asked.labels, self.settings.dropout)
        loaded.model.to(desk.device)
        self._freeze(loaded.model)
        sampler = Sampler(self._encode(loaded), self.settings)
        steps = self.settings.epochs * sampler.per_epoch
        return replace(loaded, model=adapters.wrap(loaded.model, self.settings, steps))

    def _freeze(self, model: torch.nn.Module) -> None:
        """Freeze the lower layers; where a recipe asked in vain, not the person, learn them all."""
        try:
            freezing.freeze(model, self.settings.frozen_layers)
        except ModelError:
            if not self.settings.recipe:
                raise
            self.settings = replace(self.settings, frozen_layers=0)
            self.desk.watch.log(
                "The lower layers of this base model cannot be frozen: all of it learns."
            )

    @property
    def windows(self) -> list[Window]:
        """The training documents as the model reads them."""
        return self._encode(self.loaded)

    def _encode(self, loaded: Loaded) -> list[Window]:
        length = min(self.settings.max_length, loaded.longest)
        documents, labels = self.desk.parts[Split.TRAIN], self.desk.asked.labels
        return encode(documents, loaded.pieces, labels, length, self.settings.stride)

    def teach(self) -> Member:
        """Train from where an earlier attempt stopped, and score the best epoch.

        Raises TrainingError where training cannot go on; the best model so far is kept.
        """
        try:
            trained = self._train()
        except Diverged as problem:
            raise self._rescue(problem) from problem
        verdicts = self.examine()
        dev, test = verdicts.get(Split.DEV), verdicts.get(Split.TEST)
        return Member(
            self.settings.seed,
            trained,
            dev.figures()["f1"] if dev else None,
            dev.loss if dev else None,
            test.figures()["f1"] if test else None,
        )

    def _train(self) -> Trained:
        desk = self.desk
        serve = self._serve if self.settings.frozen_layers else None
        self.dev = Examiner(desk.watch, self._exam(Split.DEV, serve))
        shelf = checkpointing.Shelf(
            desk.folder, self.number, self.settings.checkpoint_seconds, desk.permit, desk.watch
        )
        desk.watch.enter("training")
        return train(
            self.loaded.model,
            self.windows,
            self.settings,
            desk.device,
            self.loaded.padding,
            self.dev.evaluate if desk.parts[Split.DEV] else None,
            self.dev,
            shelf,
            desk.group,
        )

    def _rescue(self, problem: Diverged) -> TrainingError:
        """Save the best model of a training that cannot go on; return what to say."""
        if not problem.best_epoch or not self.desk.group.leads:
            return TrainingError(str(problem))
        self.save_model()
        return TrainingError(f"{problem} The model of epoch {problem.best_epoch} is kept.")

    def _serve(self, windows: list[Window]) -> Serve:
        """Compute the frozen layers of windows that are looked at after every epoch once."""
        layers, device = self.settings.frozen_layers, self.desk.device
        return freezing.Cache(self.loaded.model, windows, layers, self.loaded.padding, device).serve

    def _exam(self, split: Split, serve: Callable | None = None) -> Exam | None:
        desk = self.desk
        if not desk.parts[split] or not desk.group.leads:
            return None
        labels, pause = desk.asked.labels, desk.watch.pause
        where = desk.device, pause, serve
        return Exam(desk.parts[split], self.loaded, labels, self.settings, *where)

    def examine(self) -> dict[Split, Verdict]:
        """Let the model as it is predict dev, where its verdict is not known yet, and test."""
        verdicts = {}
        known = self.dev.best if self.dev else None
        for split, phase in ((Split.DEV, "evaluating"), (Split.TEST, "testing")):
            if exam := self._exam(split):
                self.desk.watch.enter(phase, seconds_left=None)
                verdicts[split] = known if known and split is Split.DEV else exam.take()
        self.verdicts = verdicts
        return verdicts

    def keep(self, member: Member) -> None:
        """Put the finished member on the disk, so that a later attempt need not repeat it."""
        model, folder = self.loaded.model, self.desk.folder
        need = sum(tensor.nbytes for tensor in learned(model).values())
        self.desk.write(need, lambda: seeds.save(folder, self.number, member, model))

    def recall(self) -> dict[Split, Verdict]:
        """Take the weights of the finished member back from the disk, and examine them."""
        seeds.put_weights(self.desk.folder, self.number, self.loaded.model)
        return self.examine()

    def save_model(self) -> None:
        """Write ``model/``, which transformers loads by itself."""
        desk, model = self.desk, self.loaded.model
        need = sum(parameter.nbytes for parameter in model.parameters())
        desk.write(need, lambda: reporting.save_model(desk.folder, self.loaded, desk.permit))


class Examiner:
    """Examines dev after every epoch, passes the news on, and remembers the best verdict."""

    def __init__(self, watch: Watch, exam: Exam | None) -> None:
        self._watch, self._exam = watch, exam
        self._latest: Verdict | None = None
        self.best: Verdict | None = None
        self.enough, self.log = watch.enough, watch.log

    def evaluate(self) -> dict:
        """Take the exam and return the epoch's figures."""
        self._watch.evaluating()
        self._latest = self._exam.take()
        return self._latest.figures()

    def step(self, step: Step) -> None:
        """Pass a step on."""
        self._watch.step(step)

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Keep the verdict if it is the best so far, and pass the epoch on."""
        self.best = self._latest if best else self.best
        self._watch.epoch(epoch, best)
