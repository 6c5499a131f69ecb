"""Launchers: where a run's worker is started, watched and ended. The runner knows no more."""

from __future__ import annotations

from collections.abc import Callable

from engine.launchers.base import Cluster, Launch, Launcher
from engine.launchers.local import Local
from engine.launchers.ray import Ray

NAMES = {"local": "This computer", "ray": "Ray cluster"}
MADE: dict[str, Callable[[Cluster], Launcher]] = {"local": lambda _: Local(), "ray": Ray}

__all__ = ["MADE", "NAMES", "Cluster", "Launch", "Launcher", "Local", "Ray", "of"]


def of(name: str, cluster: Cluster) -> Launcher:
    """Return the launcher with this name, as in ``Settings.launcher``."""
    return MADE.get(name, MADE["local"])(cluster)
