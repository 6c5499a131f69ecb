"""Who is let in: everybody on this computer, or whoever has a key."""

from __future__ import annotations

from typing import Protocol

from starlette.requests import Request


class Door(Protocol):
    """Says who asks."""

    async def enter(self, request: Request) -> str:
        """Return a name for whoever asks, by which requests are counted.

        Raises PermissionError, with a sentence, where nobody is let in, AnswerError where that
        cannot be told at present.
        """


class Open:
    """Lets everybody in, by address."""

    async def enter(self, request: Request) -> str:
        """Return the address that a request comes from."""
        return request.client.host if request.client else ""
