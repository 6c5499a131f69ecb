"""Processes that answer questions through pipes, forked from the one that has loaded torch."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from engine.inference import model_client
from engine.serving.models import process, wire
from engine.serving.models.process import Order
from tests.workers.forking import Forked, fork

_start = model_client.spawn


class ModelServer:
    """A forked model server: what subprocess.Popen offers, as far as its client asks for it."""

    def __init__(self, forked: Forked, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._forked, self.stdin, self.stdout = forked, stdin, stdout

    def __getattr__(self, name: str) -> Any:
        """Be the process in all else."""
        return getattr(self._forked, name)


@dataclass(frozen=True)
class ModelProcess:
    """A forked model's process: what asyncio's own offer, as far as a service asks for it."""

    forked: Forked
    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader

    @property
    def pid(self) -> int:
        return self.forked.pid

    async def wait(self) -> int:
        return await asyncio.to_thread(self.forked.wait)

    def kill(self) -> None:
        self.forked.kill()


def serve_models(command: Sequence[str]) -> Any:
    """Fork a model server; start what is another command as usual."""
    if command != model_client.COMMAND:
        return _start(command)
    return ModelServer(*_fork(command[2:]))


async def serve(order: Order) -> ModelProcess:
    """Fork the process of a served model."""
    forked, asking, told = _fork([*process.COMMAND[2:], order.to_json()])
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=wire.LONGEST)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), told)
    ends = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, asking)
    return ModelProcess(forked, asyncio.StreamWriter(*ends, None, loop), reader)


def _fork(command: Sequence[str]) -> tuple[Forked, IO[bytes], IO[bytes]]:
    """Return a process, where it is asked, and where it answers."""
    (asked, asking), (told, telling) = os.pipe(), os.pipe()
    forked = fork(command, os.environ, {"input": asked, "output": telling})
    os.close(asked)
    os.close(telling)
    return forked, os.fdopen(asking, "wb", 0), os.fdopen(told, "rb", 0)
