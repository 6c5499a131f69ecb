"""Scores of documents by models that never saw them: one training for each fold.

Each fold is scored by a model that learned from the others (Stone 1974, "Cross-Validatory Choice
and Assessment of Statistical Predictions"). All of them begin with the same weights, so what
frozen layers say of the documents is computed once for all trainings and all scorings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from engine.configuration.settings import LEARNED, Settings
from engine.encoding.examples import Window
from engine.inference.predicting import score_units
from engine.models import token_types
from engine.models.loading import Loaded
from engine.training import freezing
from engine.training.freezing import Cache
from engine.training.loop import Watcher, train
from engine.training.trainer_state import learned, put
from storage.types import Document


class CrossValidation:
    """Documents, encoded once, and one model that begins anew for every fold.

    ``loaded`` is a base with a new head on its device. Adapters are not used: the layers that
    ``settings`` freeze stay the same, all above them learn. Where words' shapes learn below them,
    every training keeps for itself what these layers say.
    """

    def __init__(
        self,
        loaded: Loaded,
        documents: Sequence[Document],
        labels: Sequence[str],
        settings: Settings,
        device: torch.device,
    ) -> None:
        settings = replace(settings, word_shapes=loaded.word_shapes)
        learning = settings.word_shapes == LEARNED
        freezing.freeze(loaded.model, settings.frozen_layers, learning)
        length = min(settings.max_length, loaded.longest)
        self.windows = loaded.head.encode(documents, loaded.pieces, labels, length, settings.stride)
        self._units = [loaded.head.units(document) for document in documents]
        self._loaded, self._settings, self._device = loaded, settings, device
        self._start = {name: tensor.clone() for name, tensor in learned(loaded.model).items()}
        where = loaded.padding, device, freezing.room(device)
        read = loaded.model, self.windows, settings.frozen_layers
        self._cache = None if learning else Cache(*read, *where)

    def score(
        self,
        held: set[int],
        watcher: Watcher,
        pause: Callable[[], None] = lambda: None,
        *,
        shown: set[int] | None = None,
        settings: Settings | None = None,
    ) -> dict[int, np.ndarray]:
        """Train on all documents but those held out, or on some of them, and score these.

        Args:
            held: positions of documents.
            watcher: who looks on; may raise to stop.
            pause: called between batches of the scoring; may raise, too.
            shown: positions to learn from, none of them held out; else all others.
            settings: how to train this once; as many layers are frozen as for all.

        Returns:
            For each position float32 log-probabilities of shape (units, outputs).

        Raises:
            TrainingError: the loss is no number any more.
        """
        known = [w for w in self.windows if w.document not in held]
        if shown is not None:
            known = [window for window in known if window.document in shown]
        asked = [window for window in self.windows if window.document in held]
        self._train(known, settings or self._settings, watcher)
        model, padding = self._loaded.model, self._loaded.padding
        # Without frozen layers there is nothing to serve, and batches go side by side.
        serve = self._cache.serve if self._cache and self._cache.bytes else None
        chances = self._loaded.head.objective.chances
        found = score_units(model, asked, self._units, padding, self._device, pause, serve, chances)
        return {position: found[position] for position in sorted(held)}

    def _train(self, windows: Sequence[Window], settings: Settings, watcher: Watcher) -> None:
        put(self._loaded.model, self._start)
        layers, shapes = self._settings.frozen_layers, self._settings.word_shapes
        if shapes == LEARNED:
            # The training before left them as they were.
            token_types.learn(self._loaded.model, True)
        train(
            self._loaded.model,
            windows,
            replace(settings, frozen_layers=layers, word_shapes=shapes),
            self._device,
            self._loaded.padding,
            None,
            watcher,
            objective=self._loaded.head.objective,
            cache=self._cache,
        )
