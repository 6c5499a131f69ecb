"""Who may talk to this server at all: its own pages, under a name that it goes by, unframed.

A browser lets a page of any site, and of any other port of this computer, send requests and
open WebSockets here; through Streamlit's own WebSocket it could read and drive everything.
So this stands before the whole application: Streamlit's pages and endpoints, and our routes.
Starlette's TrustedHostMiddleware looks at names only, at the first where a request gives two,
and its answer does not say what to do: with the origin to be read anyway, it would be one more.
"""

from __future__ import annotations

import logging

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.system.hosts import origin
from pages.access import addresses

HARMLESS = ("GET", "HEAD")
# Under TLS a WebSocket is "wss"; behind a proxy on this computer uvicorn takes the scheme from
# X-Forwarded-Proto.
SCHEMES = {"ws": "http", "wss": "https"}
# No page of another origin may show ours in a frame, load what it serves, or learn where a
# link came from; and whatever a text might make a page do, it asks no other host for anything.
# Streamlit's components come as blobs, its charts evaluate.
OURS = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' data: blob:",
    "frame-ancestors": "'none'",
    "base-uri": "'self'",
    "object-src": "'none'",
    "form-action": "'self'",
}
POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: "; ".join(f"{what} {sources}" for what, sources in OURS.items()),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
UNKNOWN_HOST = (
    "This server does not go by that name: open it under its own, or add the name on Settings, "
    "under Other computers."
)
FOREIGN = (
    "Only Whetstone's own pages may ask this. Behind a proxy that changes the address, add the "
    "address that browsers show to server.corsAllowedOrigins in .streamlit/config.toml."
)


def middleware() -> list[Middleware]:
    """Return what stands before every request."""
    return [Middleware(OwnPagesOnly)]


class OwnPagesOnly:
    """Refuses what does not come from our own pages, and keeps them out of others' frames."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        refusal = why_refused(scope, headers)
        if refusal is None:
            return await self.app(scope, receive, _guarding(send))
        logging.getLogger("whetstone").warning(
            "Refused %s: Host %.200a, Origin %.200a. %s",
            *(scope["path"][:200].encode("unicode_escape").decode(), headers.get("host")),
            *(headers.get("origin"), refusal),
        )
        if scope["type"] == "websocket":
            # Before it is accepted this is answered with 403.
            return await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return await _refused(refusal, headers)(scope, receive, _guarding(send))


def why_refused(scope: Scope, headers: Headers) -> str | None:
    """Return why a request is not let in, in one sentence, None where it is."""
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or not _is_known_host(hosts[0]):
        return UNKNOWN_HOST
    if not origins:
        # Browsers name the origin of whatever can change or read something here.
        harmless = scope["type"] == "http" and scope["method"] in HARMLESS
        return None if harmless else FOREIGN
    own = origin(f"{SCHEMES.get(scope['scheme'], scope['scheme'])}://{hosts[0]}")
    trusted = [origin(each.strip()) for each in st.get_option("server.corsAllowedOrigins") or []]
    asked = origin(origins[0]) if len(origins) == 1 else None
    return None if asked is not None and asked in (own, *trusted) else FOREIGN


def _is_known_host(host: str) -> bool:
    """Tell whether a Host header names this server; a rebound DNS name does not."""
    found = origin(f"http://{host}")
    return found is not None and addresses.is_ours(found[1])


def _guarding(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # A page of ours may have a stricter policy of its own.
            headers.setdefault(POLICY, HEADERS[POLICY])
            headers.update({name: value for name, value in HEADERS.items() if name != POLICY})
        await send(message)

    return guarded


def _refused(reason: str, headers: Headers) -> Response:
    if headers.get("content-type", "").startswith("application/json"):
        return JSONResponse({"error": reason}, 403)
    return PlainTextResponse(reason, 403)
