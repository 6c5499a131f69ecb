"""The service as one of several processes that answer side by side, each with a model of its own.

Whoever runs them spreads the requests. Each looks for itself what the project serves: a version
that goes live is loaded beside the one before, which answers until then, and finishes what it was
given.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from prometheus_client.metrics_core import Metric
from starlette.applications import Starlette

from engine.serving.http import metrics
from engine.serving.http.metrics import Metrics
from engine.serving.models.local import keep_here
from engine.serving.running.orders import Service
from engine.serving.running.parts import Parts
from engine.system import environment
from storage import home
from storage.database.connection import Database

Exchange = Callable[[Sequence[Metric]], Sequence[Metric]]
"""Told what a replica has counted, returns what all others have."""
OURS = "WHETSTONE_"
# Seconds after which nothing of a replica waits any more that tells nothing.
SILENT = 10.0


def place() -> dict[str, str]:
    """Return the variables by which another process finds this one's home and database."""
    known = {name: value for name, value in os.environ.items() if name.startswith(OURS)}
    return known | {f"{OURS}HOME": str(home.folder()), f"{OURS}DB": home.database_url()}


def application(
    service: Service, where: Mapping[str, str], replicas: int, exchange: Exchange
) -> Starlette:
    """Return the application of one of so many replicas, at a place (see ``place``).

    It answers once its lifespan has begun. What somebody may ask a second is dealt out evenly.
    """
    os.environ.update(where)
    environment.prepare(1, {})
    db, counted = Database.open(), Metrics()

    def tell() -> None:
        counted.others = exchange(counted.counted())

    own = replace(service, per_second=service.per_second / replicas)
    parts = Parts(own, db, partial(keep_here, lanes=1), (tell,), counted)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await parts.begin()
        async with parts.at_work():
            yield
        db.close()

    return parts.application(lifespan)


class Counts:
    """What all replicas have counted, those that ended included."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Sequence[Metric]]] = {}

    def exchange(self, replica: str, counted: Sequence[Metric]) -> list[Metric]:
        """Take down what a replica has counted; return what all others have."""
        now = time.monotonic()
        self._known[replica] = now, counted
        others = (each for name, each in self._known.items() if name != replica)
        return metrics.add(
            told if now - heard < SILENT else _for_ever(told) for heard, told in others
        )


def _for_ever(counted: Sequence[Metric]) -> list[Metric]:
    """Leave out what is so at a moment only."""
    return [metric for metric in counted if metric.type != "gauge"]
