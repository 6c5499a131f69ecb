"""Who may call our own routes, and how: checked before anything is done.

A page on another site can make a browser post here, so a request must come from our own
origin, under a name that this server is known by, as JSON, with a token that only a page
of this home can have been given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from storage import home
from storage.errors import ConflictError, InputError, NotFoundError, RefusedError, StorageError

LARGEST_BODY = 1_000_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Rejection(Exception):
    """A request that is answered with an HTTP status and one sentence."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in: in whose name, for which project, and what it says."""

    annotator: str
    project: int
    fields: Mapping[str, Any]

    def number(self, name: str) -> int:
        """Return a field that is an id; raises Rejection."""
        value = self.fields.get(name)
        if not is_id(value):
            raise Rejection(400, MALFORMED)
        return value

    def text(self, name: str) -> str:
        """Return a field that is a text; raises Rejection."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise Rejection(400, MALFORMED)
        return value


MALFORMED = "The edits are not in the form that this version takes: reload the page."
Answer = tuple[int, Mapping[str, Any]]


def route(name: str, answer: Callable[[Call], Answer]) -> Route:
    """Return a route that lets a request in, answers it in a thread, and says what is wrong."""

    async def serve(request: Request) -> JSONResponse:
        try:
            check_sender(request)
            fields = _read_json(await _read_body(request))
            status, body = await run_in_threadpool(_answer, answer, fields)
        except Rejection as rejection:
            return JSONResponse({"error": str(rejection)}, rejection.status)
        return JSONResponse(body, status)

    return Route(address(name), serve, methods=METHODS)


def address(name: str) -> str:
    """Return the path of a route."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/api/{name}" if base else f"/api/{name}"


def sign(annotator: str, project: int) -> str:
    """Return the token with which a page may edit a project in an annotator's name.

    It never expires: edits that were made offline are delivered after any restart.
    """
    fields = {"annotator": annotator, "project": project}
    payload = _base64(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())
    return f"{payload}.{_seal(payload)}"


def verify(token: str) -> tuple[str, int]:
    """Return the annotator and the project of a token; raises RefusedError for a forged one."""
    payload, _, seal = token.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(payload).encode()):
        raise RefusedError("This page's permission to save is not valid here: reload the page.")
    fields = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return fields["annotator"], fields["project"]


def is_id(value: Any) -> bool:
    """Tell whether a value of JSON can be the id of a row."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _answer(answer: Callable[[Call], Answer], fields: Mapping[str, Any]) -> Answer:
    annotator, project = _check_token(fields.get("token"))
    try:
        return answer(Call(annotator, project, fields))
    except ConflictError as error:
        raise Rejection(409, str(error)) from error
    except (RefusedError, InputError) as error:
        raise Rejection(400, str(error)) from error
    except NotFoundError as error:
        raise Rejection(404, str(error)) from error
    except StorageError as error:
        raise Rejection(503, str(error)) from error


def _check_token(token: Any) -> tuple[str, int]:
    if not isinstance(token, str):
        raise Rejection(400, MALFORMED)
    try:
        return verify(token)
    except RefusedError as error:
        raise Rejection(401, str(error)) from error


def check_sender(request: Request) -> None:
    """Raise Rejection where a request does not come from one of our own pages."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin", "")
    if request.method != "POST":
        raise Rejection(405, "Edits are sent with POST.")
    if not _is_known_host(host):
        raise Rejection(
            403,
            "This server does not go by that name: add it to server.allowedHosts, or use its own.",
        )
    if _authority(origin) != host.lower():
        raise Rejection(403, "Edits are taken only from Whetstone's own pages.")
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise Rejection(415, "Edits are sent as application/json.")


def _is_known_host(host: str) -> bool:
    """Tell whether a Host header names this server; a rebound DNS name does not."""
    name = _hostname(host)
    if name is None:
        return False
    allowed = st.get_option("server.allowedHosts") or []
    names = {*LOOPBACK, *allowed, st.get_option("server.address") or ""}
    return any(_matches(name, pattern.strip().lower().rstrip(".")) for pattern in names)


def _matches(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in ("*", name)


def _hostname(host: str) -> str | None:
    """Return the name in a Host header without its port, None where it is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        well_formed = parts.netloc == host and "@" not in host and (parts.port or 1)
    except ValueError:
        return None
    return parts.hostname.rstrip(".") if well_formed and parts.hostname else None


def _authority(origin: str) -> str | None:
    """Return host and port of an Origin header, None where it is absent or opaque."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") and parts.netloc else None


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        # The header's Content-Length may lie, so what has arrived is counted.
        if len(body) > LARGEST_BODY:
            raise Rejection(413, "The edits are larger than 1 MB: send fewer at a time.")
    return bytes(body)


def _read_json(body: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(body, parse_constant=_refuse_constant)
        # Half a surrogate pair passes as JSON and fails only on its way into the database.
        json.dumps(fields, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Rejection(400, "The edits are not valid JSON: reload the page.") from error
    if not isinstance(fields, dict):
        raise Rejection(400, MALFORMED)
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _seal(payload: str) -> str:
    return _base64(hmac.new(home.secret(), payload.encode(), hashlib.sha256).digest())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
