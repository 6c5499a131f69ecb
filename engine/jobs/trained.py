"""Runs that have left a model, and what a run is set to that reads with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.configuration.settings import Settings, settings_from
from engine.jobs import kinds
from storage.types import Run, RunState


def settings_of(run: Run) -> Settings:
    """Rebuild the settings that were stored with the run."""
    besides = ("base", *kinds.of(run).options)
    return settings_from({key: value for key, value in run.settings.items() if key not in besides})


def options_of(run: Run) -> dict[str, Any]:
    """Return what was stored beside the settings: the options of the run's kind."""
    return {name: run.settings[name] for name in kinds.of(run).options if name in run.settings}


def settings_here(run: Run) -> Settings:
    """Return a training's settings for reading with its model: in one process, on this computer.

    The model is here by now, wherever it was trained.
    """
    own = settings_of(run)
    device = "cpu" if own.device == "cpu" else "auto"
    return replace(own, recipe="", device=device, processes=1, launcher="local")


def has_model(run: Run) -> bool:
    """Tell a run that is done and has left a model and its report."""
    return run.state is RunState.DONE and kinds.of(run).leaves_model
