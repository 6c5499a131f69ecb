"""Launchers: where a run's worker is started, watched and ended. The runner knows no more."""

from __future__ import annotations

from collections.abc import Callable

from engine.launchers import store
from engine.launchers.base import Cluster, Launch, Launcher
from engine.launchers.local import Local
from engine.launchers.ray import Ray
from engine.launchers.stored import Stored

NAMES = {"local": "This computer", "ray": "Ray cluster"}
MADE: dict[str, Callable[[Cluster], Launcher]] = {"local": lambda _: Local(), "ray": Ray}

__all__ = ["MADE", "NAMES", "Cluster", "Launch", "Launcher", "Local", "Ray", "of"]


def of(name: str, cluster: Cluster) -> Launcher:
    """Return the launcher with this name, as in ``Settings.launcher``.

    Raises TrainingError where WHETSTONE_STORE is no URL.
    """
    made = MADE.get(name, MADE["local"])(cluster)
    return Stored(made) if store.chosen() and name != "ray" else made
