"""What stands before every request: a name that the service goes by, and no foreign page.

A page of a stranger's can have its own name lead here (DNS rebinding), and can send requests to
this computer from somebody's browser.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.system import hosts

UNKNOWN = "This service does not go by that name: use its own, or its address in numbers."
FOREIGN = "Pages of other sites may not ask: name theirs with --origin."
ALLOWED = ["Authorization", "Content-Type"]
METHODS = ["GET", "POST"]


def is_ours(name: str, host: str, names: Sequence[str]) -> bool:
    """Tell whether a service that listens to ``host``, and was given names, goes by this one."""
    if name in hosts.LOOPBACK or name == host or name in names:
        return True
    known = hosts.is_number(name) or name in hosts.of_this_computer()
    return known and not hosts.is_loopback(host)


def middleware(ours: Callable[[str], bool], origins: Sequence[str]) -> list[Middleware]:
    """Return what stands before the application."""
    return [
        Middleware(KnownOnly, ours=ours, origins=origins),
        Middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=METHODS, allow_headers=ALLOWED
        ),
    ]


class KnownOnly:
    """Refuses requests under other names, and from pages of other sites."""

    def __init__(self, app: ASGIApp, ours: Callable[[str], bool], origins: Sequence[str]) -> None:
        self._app, self._ours, self._origins = app, ours, {hosts.origin(o) for o in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._why_refused(Headers(scope=scope))):
            body = json.dumps({"error": refusal}).encode()
            answer = Response(body, 403, media_type="application/json")
            return await answer(scope, receive, send)
        await self._app(scope, receive, send)

    def _why_refused(self, headers: Headers) -> str:
        named, origins = headers.getlist("host"), headers.getlist("origin")
        own = hosts.origin(f"http://{named[0]}") if len(named) == 1 else None
        if own is None or not self._ours(own[1]):
            return UNKNOWN
        if not origins:
            return ""
        asked = hosts.origin(origins[0]) if len(origins) == 1 else None
        return "" if asked is not None and asked in (own, *self._origins) else FOREIGN
