"""What stands before every request and message of a shared server: who is it?

Where there are accounts, nothing is answered to whoever has not signed in, but the login page:
no page, route, file or message, of ours or of Streamlit. A WebSocket lives for hours, and so
each of its messages is asked about again.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.access import oidc, places, session
from pages.access.session import SignedOutError, Visitor
from storage.errors import ForbiddenError, StorageError

PROTOCOL = "sec-websocket-protocol"
# What a browser sends by itself, and says nothing of a page.
_SIGNS_OF_LIFE = ("stop_script", "app_heartbeat")


def middleware() -> list[Middleware]:
    """Return what asks who it is; it stands behind what asks where a request comes from."""
    return [Middleware(SignedInOnly)]


class SignedInOnly:
    """Lets nobody in who should have signed in and has not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        if scope["type"] == "http" and _is_open(scope["path"]):
            return await self.app(scope, receive, send)
        visitor = visitor_of(scope)
        try:
            await run_in_threadpool(session.admit, visitor)
        except (ForbiddenError, StorageError) as error:
            if not (isinstance(error, StorageError) and visitor.is_here()):
                return await _refuse(error, scope, receive, send)
            # A database that cannot be read, on one's own computer: the page says how to mend it.
        if scope["type"] == "websocket":
            _part_sessions(scope, visitor)
            receive = _asking(receive, visitor)
        return await self.app(scope, receive, send)


def _is_open(path: str) -> bool:
    return places.is_open(path) or (places.is_by_provider(path) and oidc.is_configured())


def visitor_of(scope: Scope) -> Visitor:
    """Return where a request comes from, and the session that it says to be of."""
    connection = HTTPConnection(scope)
    client = connection.client
    # A server that listens on a file of this computer has no address for its clients.
    address = client.host if client else "127.0.0.1"
    host = connection.headers.get("host", "")
    return Visitor(connection.cookies.get(session.COOKIE, ""), address, host)


def _asking(receive: Receive, visitor: Visitor) -> Receive:
    """Ask of each message whether its sender is still signed in."""

    async def asked() -> Message:
        while True:
            message = await receive()
            data = message.get("bytes")
            if message["type"] != "websocket.receive" or data is None:
                return message
            kept = await run_in_threadpool(_allowed, data, visitor)
            if kept is not None:
                return {**message, "bytes": kept}

    return asked


def _allowed(data: bytes, visitor: Visitor) -> bytes | None:
    """Return a message as it may go on; None for one that may not.

    Of one whose sender is signed out there remains the wish to see a page: no click, no value,
    no part of a page. That page says that they are signed out.
    """
    message = _parsed(data)
    try:
        session.admit(visitor, active=_is_by_person(message))
        return data
    except StorageError:
        return data if visitor.is_here() else None
    except ForbiddenError:
        return _bare(message)


def _parsed(data: bytes) -> BackMsg | None:
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except Exception:
        # The library raises nothing narrower. Streamlit ends the connection for such a message.
        return None
    return message


def _is_by_person(message: BackMsg | None) -> bool:
    """Tell a message that a person caused from one that a page sends by its clock."""
    if message is None:
        return False
    kind = message.WhichOneof("type")
    return kind == "rerun_script" and not message.rerun_script.is_auto_rerun


def _bare(message: BackMsg | None) -> bytes | None:
    kind = message.WhichOneof("type") if message else None
    if message is None or kind in _SIGNS_OF_LIFE:
        return message.SerializeToString() if message else b"\xff"
    if kind != "rerun_script":
        return None
    asked, bare = message.rerun_script, BackMsg()
    bare.rerun_script.page_script_hash = asked.page_script_hash
    bare.rerun_script.page_name = asked.page_name
    return bare.SerializeToString()


def _part_sessions(scope: Scope, visitor: Visitor) -> None:
    """Let nobody go on with a session of Streamlit that was begun with another sign-in."""
    headers = MutableHeaders(scope=scope)
    parts = [part.strip() for part in headers.get(PROTOCOL, "").split(",")]
    if len(parts) > 2 and not session.is_bound(parts[2], visitor.token):
        headers[PROTOCOL] = ", ".join(parts[:2])


async def _refuse(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    logging.getLogger("whetstone").info("Not let in: %.200a", scope["path"])
    if scope["type"] == "websocket":
        # Before it is accepted this is answered with 403.
        return await send({"type": "websocket.close", "code": 1008, "reason": ""})
    await _answer(error, scope)(scope, receive, send)


def _answer(error: Exception, scope: Scope) -> Response:
    headers = Headers(scope=scope)
    if isinstance(error, SignedOutError) and _is_page(scope, headers):
        query = scope["query_string"].decode("latin-1")
        there = quote(scope["path"]) + (f"?{query}" if query else "")
        return RedirectResponse(f"{places.under(places.LOGIN)}?next={quote(there)}", 303)
    status = {SignedOutError: 401, ForbiddenError: 403}.get(type(error), 503)
    if scope["path"].startswith(places.under("api/")):
        body: dict[str, Any] = {"error": str(error)}
        return JSONResponse(body, status)
    return PlainTextResponse(str(error), status)


def _is_page(scope: Scope, headers: Headers) -> bool:
    """Tell a visit of a person, who is shown the way, from what a page or a program fetches."""
    return scope["method"] in ("GET", "HEAD") and "text/html" in headers.get("accept", "")
