"""The bi-encoder as a stage of a run: from the run's pairs to ``retriever/`` and its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.configuration.settings import Settings
from engine.encoding.examples import Window
from engine.inference import retriever
from engine.inference.encoder import WINDOW
from engine.models import loading
from engine.models.loading import Loaded
from engine.runs import checkpoints
from engine.runs.files import RETRIEVER
from engine.tasks.base import Fitting
from engine.tasks.pairs.biencoder import embedding, examples, folder
from engine.tasks.pairs.biencoder.embedding import MOST, Text
from engine.tasks.pairs.biencoder.finding import Finder
from engine.tasks.pairs.biencoder.learner import ContrastiveLearner, Counted
from engine.training.callbacks import Watch
from engine.training.checkpointing import CheckpointManager
from engine.training.distributed import Group
from engine.training.loop import train
from engine.training.trainer import RunContext
from engine.training.trainer_state import Diverged, Epoch, Trained
from storage.types import Document, Split

Score = Callable[[Sequence[Document]], list[np.ndarray]]
# Its checkpoints come after those of all seeds.
MEMBER = 900
# Fewer pairs than these are no batch with a wrong answer in it.
FEWEST = 2
BATCH = 32
# A narrow encoder takes larger steps; wider ones have the rate that sentence-transformers takes
# for them. Neither is tuned.
NARROW, NARROW_RATE, WIDE_RATE = 400, 1e-4, 2e-5
# How much it counts beside the model is chosen by so many questions of dev, and by so many texts
# that it finds for each.
QUESTIONS, CANDIDATES = 100, 20


class BiEncoder:
    """Satisfies ``engine.tasks.base.Companion``."""

    name = RETRIEVER

    def __init__(self, fitting: Fitting) -> None:
        """``fitting`` says what an answer is worth."""
        self._fitting = fitting

    def wanted(self, settings: Settings) -> bool:
        """Tell whether it has an epoch to learn in."""
        return settings.retriever_epochs > 0

    def train(self, context: RunContext) -> dict[str, Any]:
        """Train it on the pairs of train that fit, keep the best epoch, write its folder."""
        return Training(context, self._fitting).run()

    def advise(self, context: RunContext, head: Any, score: Score) -> Any:
        """Let it order candidates together with the model, as dev says; see the protocol.

        Dev's questions are asked as anybody's will be: the model orders what this one finds.
        """
        folder = retriever.find(context.folder)
        if folder is None:
            return head
        found = retriever.load(folder, context.asked.settings.device)

        def embed(texts: Sequence[str]) -> np.ndarray:
            return found.embed(texts, context.watch.pause)

        asked = finder(context, Split.DEV, self._fitting)
        pairs, grades = asked.candidates(embed, QUESTIONS, CANDIDATES)
        return head.advised(pairs, grades, score(pairs), context.asked.labels, embed)


def finder(context: RunContext, split: Split, fitting: Fitting) -> Finder:
    """Return the questions of a split, to be asked among all second texts of the run."""
    every = (document.second_text or "" for part in context.parts.values() for document in part)
    seed = context.asked.settings.seed
    return Finder(context.parts[split], list(dict.fromkeys(every)), seed, fitting)


class Training:
    """One training of a bi-encoder."""

    def __init__(self, context: RunContext, fitting: Fitting) -> None:
        self.context, self.watch, self._fitting = context, context.watch, fitting
        asked = context.asked.settings
        self.settings = replace(
            asked,
            recipe="",
            epochs=asked.retriever_epochs,
            batch_size=BATCH,
            accumulation=1,
            frozen_layers=0,
            word_shapes="",
            peft="",
            patience=0,
            empty_share=1.0,
            head_rate=1.0,
        )
        self.examples = examples.of(context.parts[Split.TRAIN], context.asked.labels, fitting)

    def run(self) -> dict[str, Any]:
        """Do the stage from where an earlier attempt stopped, and return its report."""
        found = {"examples": len(self.windows), "epochs": 0, "best_epoch": 0}
        if len(self.windows) < FEWEST:
            return self._leave(found, "There are too few pairs that fit to train a retriever from.")
        self.watch.begin_companion(RETRIEVER, self.settings.epochs)
        before = self._figures()
        try:
            trained = self._train()
        except Diverged as problem:
            return self._leave(found, f"The retriever is left out. {problem}")
        after = self._figures()
        dev = Split.DEV.value
        if before[dev] and after[dev] and before[dev]["f1"] > after[dev]["f1"]:
            self.watch.log("The retriever found better on dev before it was trained: it stays so.")
            del self.loaded, self.model
            after, trained.best_epoch = before, 0
        self._save()
        return {
            **found,
            "epochs": len(trained.history),
            "best_epoch": trained.best_epoch,
            "train_seconds": trained.train_seconds,
            "texts": len(self.examples.rights),
            "before": before,
            **after,
        }

    def _leave(self, found: dict[str, Any], why: str) -> dict[str, Any]:
        self.watch.log(why)
        return {**found, "left_out": why}

    @cached_property
    def loaded(self) -> Loaded:
        """The run's base model, without a head."""
        torch.manual_seed(self.settings.seed)
        loaded = loading.load_base(self.context.base, (), self.settings.dropout)
        # Others load it by its folder alone, and know no shapes.
        return replace(loaded, pieces=replace(loaded.pieces, shapes=False))

    @cached_property
    def model(self) -> torch.nn.Module:
        """Its encoder."""
        return self.loaded.model.base_model.to(self.context.device)

    @cached_property
    def texts(self) -> list[Text]:
        """The windows of each text of train."""
        return self._cut(self.examples.texts)

    @cached_property
    def windows(self) -> list[Window]:
        """One window for each example: what a step reads of it at most, in one."""
        long = sum(len(text) > MOST for text in self.texts)
        if long:
            self.watch.log(
                f"{long:,} texts are longer than {MOST * WINDOW} word-pieces: the retriever "
                f"learns from their beginnings, and reads all of them when it looks for something."
            )
        pairs = self.examples.pairs.tolist()
        return [
            self._window(number, *(self.texts[text][:MOST] for text in pair))
            for number, pair in enumerate(pairs)
            if all(self.texts[text] for text in pair)
        ]

    def _window(self, number: int, first: Text, second: Text) -> Window:
        pieces = tuple(chain(*(window.pieces for window in (*first, *second))))
        words = sum(window.words for window in (*first, *second))
        return Window(number, pieces, (0,), (), (0,), words)

    def _cut(self, texts: Sequence[str]) -> list[Text]:
        length = min(WINDOW, self.loaded.longest)
        return list(embedding.cut(texts, self.loaded.pieces, length))

    @cached_property
    def finders(self) -> dict[str, Finder]:
        """The questions of dev and test."""
        judged = (Split.DEV, Split.TEST)
        return {split.value: finder(self.context, split, self._fitting) for split in judged}

    def _figures(self) -> dict[str, Any]:
        return {name: finder.figures(self._embed) for name, finder in self.finders.items()}

    def _embed(self, texts: Sequence[str]) -> np.ndarray:
        where = self.loaded.padding, self.context.device, self.watch.pause
        return embedding.embed_all(self.model, self._cut(texts), *where)

    def _train(self) -> Trained:
        context = self.context
        rate = NARROW_RATE if self.model.config.hidden_size <= NARROW else WIDE_RATE
        plain = replace(self.settings, head="random", contrast=0.0)
        settings = replace(plain, learning_rate=rate)
        short = [text[:MOST] for text in self.texts]
        seconds = settings.checkpoint_seconds
        keeper = CheckpointManager(context.folder, MEMBER, seconds, context.permit, self.watch)
        dev = self.finders[Split.DEV.value]
        return train(
            self.model,
            self.windows,
            settings,
            context.device,
            self.loaded.padding,
            (lambda: dev.figures(self._embed) or {}) if dev.questions else None,
            Lookout(self.watch, settings.epochs),
            keeper,
            Group(),
            Counted,
            learner=partial(ContrastiveLearner, self.examples, short, self.watch.pause),
            more={piece for text in short for window in text for piece in window.pieces},
        )

    def _save(self) -> None:
        context, target = self.context, self.context.folder / RETRIEVER
        need = sum(parameter.nbytes for parameter in self.model.parameters())

        def fill(draft: Path) -> None:
            folder.save(self.loaded, self.model, draft)

        context.write(need, lambda: checkpoints.write_whole(target, fill, context.permit))


class Lookout:
    """Passes on how the training goes; its epochs are none of those that the run's chart shows."""

    def __init__(self, watch: Watch, epochs: int) -> None:
        self._watch, self._epochs = watch, epochs
        self.step, self.enough, self.log = watch.step, watch.enough, watch.log

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Say how well it finds by now."""
        figures = epoch.dev or {}
        found = f": recall@1 {figures['recall@1']:.3f} on dev" if "recall@1" in figures else ""
        self._watch.log(f"Retriever, epoch {epoch.number} of {self._epochs}{found}.")
        self._watch.pause()
