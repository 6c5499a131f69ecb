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
from functools import partial

import uvicorn
from starlette.applications import Starlette

from engine.serving.running.orders import Service
from engine.serving.running.parts import Parts
from storage.database.connection import Database

log = logging.getLogger("whetstone.serving")
# To answer what is accepted; a client that sends nothing is waited for as long.
GRACE, IDLE = 30, 30


async def run(service: Service, listening: socket.socket, db: Database) -> None:
    """Serve until a signal, or the end of the input, asks to end."""
    parts = Parts(service, db)
    server = uvicorn.Server(_config(parts.application()))
    async with parts.at_work():
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(partial(_Input, server), sys.stdin.buffer)
        await server.serve(sockets=[listening])


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
