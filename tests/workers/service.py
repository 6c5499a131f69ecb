"""Services whose models' processes are forked: ``python -m tests.workers.service serve …``.

It is the command ``python -m engine``, and for its supervisor also the service that it starts.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass

from engine.serving.models import process, wire
from engine.serving.models.process import Order
from tests.workers.forking import Forked, fork


@dataclass(frozen=True)
class Piped:
    """A forked process with pipes: what asyncio's own offer, as far as a service asks for it."""

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


async def spawn(order: Order) -> Piped:
    """Fork a model's process, which else loads torch for seconds."""
    (asked, asking), (told, telling) = os.pipe(), os.pipe()
    command = [*process.COMMAND[2:], order.to_json()]
    forked = fork(command, os.environ, {"input": asked, "output": telling})
    os.close(asked)
    os.close(telling)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=wire.LONGEST)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(told, "rb", 0)
    )
    ends = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(asking, "wb", 0)
    )
    return Piped(forked, asyncio.StreamWriter(*ends, None, loop), reader)


def main(arguments: list[str]) -> int:
    process.spawn = spawn  # type: ignore[assignment]
    if arguments[0] == "serve":
        from engine.commands import main
        from engine.serving.running import supervisor

        supervisor.MODULE = "tests.workers.service"
        return main(arguments)
    from engine.serving.running import service

    service.main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
