"""What a service is made of, whoever runs it: a process of its own, or a replica of Ray Serve's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

from starlette.applications import Starlette

from engine.serving.application import Lifespan, build
from engine.serving.asking.batching import Waiting
from engine.serving.http.limits import Limits
from engine.serving.http.metrics import Metrics
from engine.serving.models.switching import Begin, Switching, keep
from engine.serving.running import guarding
from engine.serving.running.keeping import Keeper
from engine.serving.running.keys import Keys
from engine.serving.running.orders import Service
from engine.serving.running.watching import Watcher, repeat
from engine.system import hosts
from storage.accounts import reach
from storage.database.connection import Database
from storage.errors import StorageError

log = logging.getLogger("whetstone.serving")


class Parts:
    """The model that a project serves, who is let in, what is kept; and the application of them."""

    def __init__(
        self,
        service: Service,
        db: Database,
        begin: Begin = keep,
        others: Sequence[Callable[[], None]] = (),
        metrics: Metrics | None = None,
    ) -> None:
        """``begin`` loads a model; ``others`` are called each second besides, in a thread."""
        self._service, self._metrics = service, metrics or Metrics()
        waiting = Waiting(service.budget, room=service.waiting)
        self._models = Switching(waiting, self._metrics.batch, begin)
        always = not hosts.is_loopback(service.host)
        self._door = Keys(db, service.project_id, always)
        self._keeper = Keeper(db, service.project_id, self._models)
        self._watcher = Watcher(db, service, self._models)
        self._refreshing = self._door.refresh, self._keeper.refresh, *others

    def application(self, lifespan: Lifespan | None = None) -> Starlette:
        """Return the application; ``lifespan`` where nobody else lets the parts be at work."""
        service = self._service
        # More texts at once than may wait would be told to come again for ever.
        texts = min(Limits().texts, service.waiting)
        limits = Limits(texts=texts, per_second=service.per_second, at_once=2 * service.per_second)
        ours = partial(guarding.is_ours, host=service.host, names=reach.read().names)
        return build(
            self._models,
            door=self._door,
            limits=limits,
            metrics=self._metrics,
            hear=self._keeper.hear,
            lifespan=lifespan,
            middleware=guarding.middleware(ours, service.origins),
        )

    async def begin(self) -> None:
        """Load what is to be served, before anybody asks; what is wrong is told by /healthz."""
        await self._watcher.try_look()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Follow what the project serves while the block runs; then answer what is left."""
        # Whoever waits already is told at once whether a key is asked for.
        with suppress(StorageError):
            await asyncio.to_thread(self._door.refresh)
        looks = [repeat(partial(asyncio.to_thread, f), log.warning) for f in self._refreshing]
        running = self._watcher.run(), self._keeper.run(), *looks
        working = [asyncio.create_task(each) for each in running]
        try:
            yield
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            await asyncio.gather(self._models.close(), self._keeper.finish())
