"""How long each recipe would take, in minutes measured on this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import streamlit as st

from engine.configuration import bases, recipes, timing
from engine.configuration.recipes import Data
from engine.configuration.settings import Settings
from engine.configuration.timing import Pace
from engine.runner import models
from engine.system import gpus
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.database.store import database
from storage.errors import ModelError
from storage.runs import reports

# So many of the newest trainings are asked; an older one says little of today's machine.
ASKED = 5
CPU = "CPU"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What times are computed from; without a pace there is nothing to say."""

    pace: Pace | None
    scored: tuple[int, int]

    @classmethod
    def of(cls, scored: tuple[int, int] = (0, 0)) -> Estimate:
        """Prepare for so many words of dev and of test that a model is scored on."""
        return cls(_pace(), scored)

    def of_recipe(self, name: str, data: Data) -> str:
        """Say how long a recipe takes with this data, or how much it does."""
        return self.of_settings(recipes.choose(name, data), data)

    def of_settings(self, settings: Settings, data: Data) -> str:
        """Say how long these settings take with this data, or how much they do."""
        if self.pace is None or settings.launcher != "local":
            parts = [count(settings.epochs, "epoch") if settings.epochs else "no epoch"]
            return " · ".join(parts + [count(settings.seeds, "seed")] * (settings.seeds > 1))
        return timing.in_words(timing.seconds(settings, data, self.scored, self.pace))

    def of_folds(self, settings: Settings, data: Data, trainings: int, words: int) -> str:
        """Say how long so many trainings take that are each scored on so many words."""
        if self.pace is None or settings.launcher != "local":
            return count(trainings, "training")
        # None of them leaves a retriever.
        each = replace(settings, seeds=trainings, retriever_epochs=0)
        return timing.in_words(timing.seconds(each, data, (0, words), self.pace))

    def basis(self) -> None:
        """Say what the times stand on."""
        if self.pace is None:
            st.caption("How long it takes is known after the first run on this computer's GPU.")
        elif self.pace.basis:
            st.caption(
                f"Times as {literal(self.pace.basis)} measured them on this computer.",
                help="Computed from how many words a second that run learned from. A run takes "
                "longer while other programs are busy.",
            )
        else:
            st.caption(
                "Times estimated from how fast this computer calculates.",
                help="No run has ended here yet. The first one that does makes the times exact.",
            )


def _pace() -> Pace | None:
    """Return how fast this machine trains: by its newest run on what would be used now."""
    gpu = _has_gpu()
    for run in models(database(), most=ASKED):
        report = reports.get_report(database(), run.id) or {}
        if str(report.get("device", CPU)).upper().startswith(CPU) is gpu:
            continue
        try:
            shape = bases.shape(str(run.settings["base"]))
        except ModelError:
            # The folder of that base model is gone.
            continue
        if pace := timing.of_run(run, report, shape):
            return pace
    return None if gpu else timing.of_machine()


@cache
def _has_gpu() -> bool:
    return bool(gpus.present())
