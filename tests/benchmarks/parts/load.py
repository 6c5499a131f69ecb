"""Closed-loop load on an HTTP server: so many clients, each asks again once it is answered.

In a process of its own, the same for every server, and as cheap as Python has it: the requests'
bytes are made beforehand, and an answer is read no further than its length.

    python -m tests.benchmarks.parts.load '{"port": …, "path": …, "bodies": FILE, …}'
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np

END = b"\r\n\r\n"
PERCENTILES = (50, 95, 99)
# Seconds at most for an answer to each client.
PATIENCE = 300.0


class Client(asyncio.Protocol):
    """One connection that asks without pause until it is told to end."""

    def __init__(self, requests, seen: list[tuple[float, float]], statuses: dict[int, int]) -> None:
        self._requests, self._seen, self._statuses = requests, seen, statuses
        self._buffer = bytearray()
        self._length = -1
        self.ended = asyncio.get_running_loop().create_future()
        self.going = True

    def connection_made(self, transport) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._started = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._length < 0:
            at = self._buffer.find(END)
            if at < 0:
                return
            head = bytes(self._buffer[:at]).lower()
            self._status = int(head[9:12])
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._length = at + len(END) + int(length)
        if len(self._buffer) >= self._length:
            self._answered()

    def _answered(self) -> None:
        now = time.perf_counter()
        self._seen.append((now, now - self._started))
        self._statuses[self._status] = self._statuses.get(self._status, 0) + 1
        self._buffer.clear()
        self._length = -1
        if self.going:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(error)


async def load(job: dict) -> dict:
    """Ask for some seconds after a warm-up; return texts a second and percentiles in ms."""
    bodies = json.loads(Path(job["bodies"]).read_text(encoding="utf-8"))
    requests = [_request(job, body) for body in bodies]
    seen: list[tuple[float, float]] = []
    statuses: dict[int, int] = {}
    loop = asyncio.get_running_loop()
    clients = []
    for number in range(job["clients"]):
        # Each begins elsewhere, so that no two ask the same at once.
        at = number * len(requests) // job["clients"]
        own = cycle([*requests[at:], *requests[:at]])
        _, client = await loop.create_connection(
            partial(Client, own, seen, statuses), "127.0.0.1", job["port"]
        )
        clients.append(client)
    started = time.perf_counter()
    since = started + job["warm"]
    await asyncio.sleep(job["warm"] + job["seconds"])
    # Where answers take longer than that, until there is one of each client.
    while len(_counted(seen, since)) < job["clients"] and time.perf_counter() < since + PATIENCE:
        await asyncio.sleep(0.1)
    for client in clients:
        client.going = False
    until = time.perf_counter()
    errors = [each for each in await asyncio.gather(*(c.ended for c in clients)) if each]
    counted = [took for at, took in _counted(seen, since) if at <= until]
    each = np.percentile(counted, PERCENTILES) * 1000 if counted else [float("nan")] * 3
    return {
        "texts_per_second": len(counted) * job["texts"] / (until - since),
        **{f"p{n}_ms": float(value) for n, value in zip(PERCENTILES, each, strict=True)},
        "requests": len(counted),
        "all": len(seen),
        "refused": sum(count for status, count in statuses.items() if status != 200),
        "broken": len(errors),
    }


def _counted(seen: Sequence[tuple[float, float]], since: float) -> list[tuple[float, float]]:
    return [(at, took) for at, took in seen if at >= since]


def _request(job: dict, body: object) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"POST {job['path']} HTTP/1.1\r\nHost: 127.0.0.1:{job['port']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(json.loads(sys.argv[1])))))
