"""The save route: takes the tagger's edits by HTTP and answers once they are on disk.

A page on another site can make a browser post here, so a request must come from our own
origin, under a name that this server is known by, as JSON, with a token that only a page
of this home can have been given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.widgets.store import database
from storage import annotations, home, settings
from storage.annotations import CONFLICT, REFUSED, Outcome
from storage.errors import InputError, NotFoundError, RefusedError, StorageError

LARGEST_BODY = 1_000_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Rejection(Exception):
    """A request that is answered with an HTTP status and one sentence."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Batch:
    """One client's edits of one document."""

    token: str
    document: int
    client: str
    operations: list[Mapping[str, Any]]


def routes() -> list[Route]:
    """Return the routes that the application serves beside its pages."""
    return [Route(address(), save, methods=METHODS), Route("/healthz", healthz)]


def address() -> str:
    """Return the path of the save route."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/api/edits" if base else "/api/edits"


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


async def save(request: Request) -> JSONResponse:
    """Apply a batch of edits: 200 saved, 409 made on an older revision, 422 refused."""
    try:
        _check_sender(request)
        batch = _read_batch(await _read_body(request))
        annotator, project = _check_token(batch.token)
        outcome = await run_in_threadpool(_apply, project, annotator, batch)
    except Rejection as rejection:
        return JSONResponse({"error": str(rejection)}, rejection.status)
    return _answer(outcome)


async def healthz(request: Request) -> JSONResponse:
    """Say whether the server and its database answer."""
    try:
        await run_in_threadpool(lambda: settings.get(database(), "annotator"))
    except StorageError as error:
        return JSONResponse({"status": "failed", "error": str(error)}, 503)
    return JSONResponse({"status": "ok"})


def _check_sender(request: Request) -> None:
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


def _read_batch(body: bytes) -> Batch:
    try:
        fields = json.loads(body, parse_constant=_refuse_constant)
        # Half a surrogate pair passes as JSON and fails only on its way into the database.
        json.dumps(fields, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Rejection(400, "The edits are not valid JSON: reload the page.") from error
    batch = fields if isinstance(fields, dict) else {}
    token, client = batch.get("token"), batch.get("client")
    document, operations = batch.get("document"), batch.get("operations")
    texts = isinstance(token, str) and isinstance(client, str)
    if not (texts and _is_id(document) and _are_operations(operations)):
        raise Rejection(
            400, "The edits are not in the form that this version takes: reload the page."
        )
    return Batch(token, document, client, operations)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _are_operations(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    numbers = [each.get("seq") for each in value if isinstance(each, dict)]
    # A number twice in one batch would be neither a repetition nor a new edit.
    return all(map(_is_id, numbers)) and len(value) == len(numbers) == len(set(numbers))


def _check_token(token: str) -> tuple[str, int]:
    try:
        return verify(token)
    except RefusedError as error:
        raise Rejection(401, str(error)) from error


def _apply(project: int, annotator: str, batch: Batch) -> Outcome:
    db = database()
    try:
        return annotations.apply_operations(
            db, project, batch.document, annotator, batch.client, batch.operations
        )
    except (RefusedError, InputError) as error:
        raise Rejection(400, str(error)) from error
    except NotFoundError as error:
        raise Rejection(404, str(error)) from error
    except StorageError as error:
        raise Rejection(503, str(error)) from error


def _answer(outcome: Outcome) -> JSONResponse:
    results = [dict(result) for result in outcome.results]
    body = {"results": results, "revision": outcome.revision, "state": dict(outcome.state)}
    last = results[-1]
    status = {CONFLICT: 409, REFUSED: 422}.get(last["status"], 200)
    return JSONResponse(body | ({"error": last["reason"]} if status != 200 else {}), status)


def _seal(payload: str) -> str:
    return _base64(hmac.new(home.secret(), payload.encode(), hashlib.sha256).digest())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
