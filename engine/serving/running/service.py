"""The process that answers: ``python -m engine.serving.running.service SOCKET '{…}'``.

It is started on a socket that somebody else holds, looks each second for what the project serves,
and ends when it is asked to, or when its input ends: then it takes nothing more on and answers
what it has. torch is in another process (see ``engine.serving.models``).
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from functools import partial

import uvicorn
from starlette.applications import Starlette

from engine.serving.application import build
from engine.serving.asking.batching import Waiting
from engine.serving.http.limits import Limits
from engine.serving.http.metrics import Metrics
from engine.serving.models.switching import Switching
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
# To answer what is accepted; a client that sends nothing is waited for as long.
GRACE, IDLE = 30, 30


async def run(service: Service, listening: socket.socket, db: Database) -> None:
    """Serve until a signal, or the end of the input, asks to end."""
    metrics = Metrics()
    models = Switching(Waiting(service.budget, room=service.waiting), metrics.batch)
    door = Keys(db, service.project_id, always=not hosts.is_loopback(service.host))
    keeper = Keeper(db, service.project_id, models)
    watcher = Watcher(db, service, models)
    server = uvicorn.Server(_config(_application(service, models, door, metrics, keeper)))
    # Who waits in the socket's queue already is told at once whether a key is asked for.
    with suppress(StorageError):
        await asyncio.to_thread(door.refresh)
    refreshing = [partial(asyncio.to_thread, each.refresh) for each in (door, keeper)]
    looks = [repeat(each, log.warning) for each in refreshing]
    working = [asyncio.create_task(each) for each in (watcher.run(), keeper.run(), *looks)]
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(partial(_Input, server), sys.stdin.buffer)
    try:
        await server.serve(sockets=[listening])
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await asyncio.gather(models.close(), keeper.finish())


def _application(
    service: Service, models: Switching, door: Keys, metrics: Metrics, keeper: Keeper
) -> Starlette:
    limits = Limits(per_second=service.per_second, at_once=2 * service.per_second)
    ours = partial(guarding.is_ours, host=service.host, names=reach.read().names)
    before = guarding.middleware(ours, service.origins)
    return build(
        models,
        door=door,
        limits=limits,
        metrics=metrics,
        hear=keeper.hear,
        middleware=before,
    )


def _config(application: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=GRACE,
    )


class _Input(asyncio.Protocol):
    """Ends the server when nobody holds the other end of the input."""

    def __init__(self, server: uvicorn.Server) -> None:
        self._server = server

    def eof_received(self) -> None:
        """Ask the server to end as a signal does."""
        self._server.should_exit = True


def main(arguments: list[str]) -> None:
    """Serve on the socket of this number."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # uvicorn ends at these, and raises them once more when it has ended.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    listening = socket.socket(fileno=int(arguments[0]))
    os.set_inheritable(listening.fileno(), False)
    db = Database.open()
    try:
        asyncio.run(run(Service.of_json(arguments[1]), listening, db))
    finally:
        db.close()


if __name__ == "__main__":
    main(sys.argv[1:])
