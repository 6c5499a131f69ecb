"""Somebody who leaves before the answer: what they asked is asked of no model any more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from engine.serving.http.reading import Rejection

T = TypeVar("T")
# What nginx calls it: nobody reads it but the metrics.
GONE = 499


async def unless_gone(request: Request, answering: Coroutine[Any, Any, T]) -> T:
    """Return what is answered; raises Rejection, with the answering cancelled, when nobody waits.

    The request's body must have been read: what comes after it is the end of the connection.
    """
    answer = asyncio.ensure_future(answering)
    gone = asyncio.ensure_future(_wait_for_end(request))
    try:
        await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise Rejection(GONE, "Whoever asked is gone.")
        return answer.result()
    finally:
        await _cancel(answer, gone)


async def _wait_for_end(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _cancel(*tasks: asyncio.Future[Any]) -> None:
    """Cancel what still runs, and wait until it has ended."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
