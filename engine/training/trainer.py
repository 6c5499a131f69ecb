"""One training of a run, with one seed: build the model, train it, evaluate it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from engine.configuration.settings import LEARNED, Settings
from engine.encoding.examples import Window
from engine.encoding.packed import Windows
from engine.inference.predicting import Evaluation, Evaluator, Serve, score_units
from engine.models import adapters, half_products, loading
from engine.models.loading import Loaded
from engine.runs.spec import RunSpec
from engine.system import disk
from engine.tasks.base import Head
from engine.training import checkpointing, freezing, reporting, seeds
from engine.training.callbacks import Watch
from engine.training.distributed import Group
from engine.training.loop import train
from engine.training.sampler import Sampler
from engine.training.seeds import SeedResult
from engine.training.trainer_state import Diverged, Epoch, StepLog, Trained, learned
from storage.errors import ModelError, TrainingError
from storage.types import Document, Split


@dataclass(frozen=True, slots=True)
class RunContext:
    """What all trainings of a run share."""

    folder: Path
    asked: RunSpec
    parts: Mapping[Split, Sequence[Document]]
    base: Path
    device: torch.device
    group: Group
    watch: Watch
    permit: Callable[[], None]
    """Asked before anything is put in place; may raise."""
    encoded: dict[tuple[Split, int, int], tuple[Sequence[Document], Windows]] = field(
        default_factory=dict
    )
    """What ``encode`` returned, by split, length and stride."""

    def encode(self, split: Split, loaded: Loaded, settings: Settings) -> Windows:
        """Return a split as the model reads it: tokenized once, however many seeds follow."""
        documents, labels = self.parts[split], self.asked.labels
        key = split, min(settings.max_length, loaded.longest), settings.stride
        known = self.encoded.get(key)
        # A context that was made from this one may have other documents.
        if known is None or known[0] is not documents:
            found = loaded.head.encode(documents, loaded.pieces, labels, *key[1:])
            known = self.encoded[key] = documents, found
        return known[1]

    @property
    def room(self) -> int:
        """How many bytes a cache of hidden states may take; before 0.8 all had the same."""
        return int(self.asked.environment.get(freezing.ROOM, freezing.LIMIT))

    @property
    def halved(self) -> bool:
        """Whether matrix products are in bf16: as this machine can, and the first attempt did."""
        pinned = self.asked.environment
        return half_products.choose(self.asked.task, self.device, pinned) == half_products.HALF

    def write(self, need: int, action: Callable[[], None]) -> None:
        """Write about ``need`` bytes into the folder; wait where the disk is full."""
        disk.write_patiently(self.folder, need, action, self.watch)


class Trainer:
    """The training with the ``number``-th of the run's seeds, counted from 1."""

    def __init__(self, context: RunContext, number: int) -> None:
        self.context, self.number = context, number
        asked = context.asked.settings
        self.settings = replace(asked, seed=asked.seed + number - 1)
        self.dev: DevEvaluator | None = None

    @cached_property
    def head(self) -> Head:
        """The task's head; once dev was looked at, as dev wants it to decide."""
        return self.loaded.head

    @cached_property
    def loaded(self) -> Loaded:
        """The base with a new head, as the settings want it before training."""
        torch.manual_seed(self.settings.seed)
        context = self.context
        loaded = loading.load_base(
            *(context.base, context.asked.labels, self.settings.dropout, context.asked.task),
            word_shapes=self.settings.word_shapes,
        )
        # The types of a model without are no shapes, and learn as fast as all else.
        self.settings = replace(self.settings, word_shapes=loaded.word_shapes)
        loaded.model.to(context.device)
        self._freeze(loaded.model)
        sampler = Sampler(self._encode(loaded), self.settings)
        steps = self.settings.epochs * sampler.per_epoch
        return replace(loaded, model=adapters.wrap(loaded.model, self.settings, steps))

    def _freeze(self, model: torch.nn.Module) -> None:
        """Freeze the lower layers; where a recipe asked in vain, not the person, learn them all."""
        try:
            shapes = self.settings.word_shapes == LEARNED
            freezing.freeze(model, self.settings.frozen_layers, shapes)
        except ModelError:
            if not self.settings.recipe:
                raise
            self.settings = replace(self.settings, frozen_layers=0)
            self.context.watch.log(
                "The lower layers of this base model cannot be frozen: all of it learns."
            )

    @property
    def windows(self) -> Windows:
        """The training documents as the model reads them."""
        return self._encode(self.loaded)

    def _encode(self, loaded: Loaded) -> Windows:
        found = self.context.encode(Split.TRAIN, loaded, self.settings)
        # A document that nothing is asked of teaches nothing.
        return found.kept(found.asked)

    def train(self) -> SeedResult:
        """Train from where an earlier attempt stopped, and score the best epoch.

        Raises TrainingError where training cannot go on; the best model so far is kept.
        """
        try:
            trained = self._train()
        except Diverged as problem:
            raise self._rescue(problem) from problem
        evaluations = self.evaluate()
        dev, test = evaluations.get(Split.DEV), evaluations.get(Split.TEST)
        return SeedResult(
            self.settings.seed,
            trained,
            dev.figures()["f1"] if dev else None,
            dev.loss if dev else None,
            test.figures()["f1"] if test else None,
        )

    def _train(self) -> Trained:
        context = self.context
        serve = self._serve if self._is_fixed else None
        self.dev = DevEvaluator(context.watch, self._evaluator(Split.DEV, serve))
        manager = checkpointing.CheckpointManager(
            context.folder,
            self.number,
            self.settings.checkpoint_seconds,
            context.permit,
            context.watch,
        )
        context.watch.enter("training")
        return train(
            self.loaded.model,
            self.windows,
            self.settings,
            context.device,
            self.loaded.padding,
            self.dev.evaluate if context.parts[Split.DEV] else None,
            self.dev,
            manager,
            context.group,
            self.loaded.head.objective,
            room=context.room,
            halved=context.halved,
        )

    def _rescue(self, problem: Diverged) -> TrainingError:
        """Save the best model of a training that cannot go on; return what to say."""
        if not problem.best_epoch or not self.context.group.leads:
            return TrainingError(str(problem))
        if self.dev and self.dev.best:
            self.head = self.dev.best.head
        self.save_model()
        return TrainingError(f"{problem} The model of epoch {problem.best_epoch} is kept.")

    @property
    def _is_fixed(self) -> bool:
        """Whether some layers say the same of a text from the first epoch to the last."""
        self.loaded  # noqa: B018
        return bool(self.settings.frozen_layers and self.settings.word_shapes != LEARNED)

    def _serve(self, windows: Sequence[Window]) -> Serve:
        """Compute the frozen layers of windows that are looked at after every epoch once."""
        context, layers = self.context, self.settings.frozen_layers
        where = self.loaded.padding, context.device, context.room
        return freezing.Cache(self.loaded.model, windows, layers, *where).serve

    def _evaluator(self, split: Split, serve: Callable | None = None) -> Evaluator | None:
        context = self.context
        if not context.parts[split] or not context.group.leads:
            return None
        labels, pause = context.asked.labels, context.watch.pause
        where = context.device, pause, serve, split is Split.DEV
        loaded = replace(self.loaded, head=self.head)
        windows = context.encode(split, loaded, self.settings)
        return Evaluator(context.parts[split], loaded, labels, self.settings, *where, windows)

    def evaluate(self) -> dict[Split, Evaluation]:
        """Let the model as it is predict dev, unless it just did, and test."""
        evaluations = {}
        known = self.dev.best if self.dev else None
        for split, phase in ((Split.DEV, "evaluating"), (Split.TEST, "testing")):
            if evaluator := self._evaluator(split):
                self.context.watch.enter(phase, seconds_left=None)
                evaluations[split] = known if known and split is Split.DEV else evaluator.evaluate()
                self.head = evaluations[split].head
        self.evaluations = evaluations
        return evaluations

    def score(self, documents: Sequence[Document]) -> list[np.ndarray]:
        """Return the log-probabilities of any documents' answers, by the model as it is."""
        loaded, settings = self.loaded, self.settings
        length = min(settings.max_length, loaded.longest)
        asked = documents, loaded.pieces, self.context.asked.labels, length, settings.stride
        windows, head = loaded.head.encode(*asked), loaded.head
        where = loaded.padding, self.context.device, self.context.watch.pause, None
        lengths = list(map(head.units, documents))
        return score_units(loaded.model, windows, lengths, *where, head.objective.chances)

    def save_result(self, result: SeedResult) -> None:
        """Put the finished training on the disk, so that a later attempt need not repeat it."""
        model, folder = self.loaded.model, self.context.folder
        need = sum(tensor.nbytes for tensor in learned(model).values())
        self.context.write(need, lambda: seeds.save(folder, self.number, result, model))

    def restore_result(self) -> dict[Split, Evaluation]:
        """Take the finished training's weights back from the disk, and evaluate them."""
        seeds.put_weights(self.context.folder, self.number, self.loaded.model)
        return self.evaluate()

    def save_model(self) -> None:
        """Write ``model/``, which transformers loads by itself."""
        context, loaded = self.context, replace(self.loaded, head=self.head)
        need = sum(parameter.nbytes for parameter in loaded.model.parameters())
        context.write(need, lambda: reporting.save_model(context.folder, loaded, context.permit))


class DevEvaluator:
    """Evaluates dev after every epoch, passes the news on, and remembers the best evaluation."""

    def __init__(self, watch: Watch, evaluator: Evaluator | None) -> None:
        self._watch, self._evaluator = watch, evaluator
        self._latest: Evaluation | None = None
        self.best: Evaluation | None = None
        self.enough, self.log = watch.enough, watch.log

    def evaluate(self) -> dict:
        """Predict dev and return the epoch's figures."""
        self._watch.evaluating()
        assert self._evaluator, "only who leads evaluates"
        self._latest = self._evaluator.evaluate()
        return self._latest.figures()

    def step(self, step: StepLog) -> None:
        """Pass a step on."""
        self._watch.step(step)

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Keep the evaluation if it is the best so far, and pass the epoch on."""
        self.best = self._latest if best else self.best
        if epoch.number:
            self._watch.epoch(epoch, best)
        elif epoch.dev and self._latest:
            said = self._latest.head.task.words.spoken
            found = f"{said} {epoch.dev['f1']:.3f} on dev"
            self.log(f"The head was fitted to what the encoder says as it is: {found}.")
