"""What somebody asked who is gone is asked of no model: over a real connection that is closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import uvicorn

from engine.serving.application import build
from engine.serving.asking.batching import Waiting
from engine.serving.asking.questions import Answer, Outcome, Question
from engine.serving.http.metrics import Metrics
from engine.serving.models.switching import Fixed
from tests.engine.serving import runs


class Slow:
    """A model that answers one text at a time, once it is let."""

    description, lanes = runs.describe(7), 1

    def __init__(self) -> None:
        self.read: list[str] = []
        self.go = asyncio.Event()

    async def ask(self, questions: Sequence[Question]) -> list[Outcome]:
        """Answer nothing much."""
        self.read += [each.text for each in questions]
        await self.go.wait()
        return [Answer() for _ in questions]


def request(*texts: str) -> bytes:
    body = json.dumps({"texts": texts}).encode()
    head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def until(true) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


def test_texts_of_whoever_closes_the_connection_are_dropped() -> None:
    async def test() -> None:
        model, metrics = Slow(), Metrics()
        models = Fixed(model, Waiting(most=1))
        config = uvicorn.Config(build(models, metrics=metrics), port=0, log_level="warning")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        stays, stays_out = await asyncio.open_connection("127.0.0.1", port)
        stays_out.write(request("first", "second"))
        await until(lambda: models.waiting() == 1)
        _, gone = await asyncio.open_connection("127.0.0.1", port)
        gone.write(request("gone", "gone too"))
        await until(lambda: models.waiting() == 3)
        gone.close()
        await until(lambda: models.waiting() == 1)
        model.go.set()
        assert b"200 OK" in await stays.readline()
        assert model.read == ["first", "second"]
        assert b'whetstone_requests_total{status="499"} 1.0' in metrics.text()
        stays_out.close()
        server.should_exit = True
        await serving

    asyncio.run(test())
