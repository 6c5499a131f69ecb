"""What a request to one of our routes says: JSON that is posted, of a size, whole; or why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request

LARGEST_BODY = 1_000_000
MALFORMED = "The edits are not in the form that this version takes: reload the page."


class Rejection(Exception):
    """A request that is answered with an HTTP status and one sentence."""

    def __init__(self, status: int, message: str, expired: bool = False):
        super().__init__(message)
        self.status = status
        self.expired = expired

    def body(self) -> dict[str, Any]:
        """Return what is answered."""
        return {"error": str(self)} | ({"expired": True} if self.expired else {})


async def read_fields(request: Request) -> Mapping[str, Any]:
    """Return the fields of a request; raises Rejection."""
    check_form(request)
    return _read_json(await _read_body(request))


def check_form(request: Request) -> None:
    """Raise Rejection where a request is not JSON that is posted."""
    if request.method != "POST":
        raise Rejection(405, "Edits are sent with POST.")
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise Rejection(415, "Edits are sent as application/json.")


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            # The header's Content-Length may lie, so what has arrived is counted.
            if len(body) > LARGEST_BODY:
                raise Rejection(413, "The edits are larger than 1 MB: send fewer at a time.")
    except ClientDisconnect as error:
        # Nobody hears it: whoever left before the end asks again.
        raise Rejection(400, "The request ended before all of it had come.") from error
    return bytes(body)


def _read_json(body: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(body, parse_constant=_refuse_constant)
        # Half a surrogate pair passes as JSON and fails only on its way into the database.
        json.dumps(fields, ensure_ascii=False).encode()
        if b"\\u0000" in body:
            _refuse_nul(fields)
    except (ValueError, RecursionError) as error:
        raise Rejection(400, "The edits are not valid JSON: reload the page.") from error
    if not isinstance(fields, dict):
        raise Rejection(400, MALFORMED)
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _refuse_nul(value: Any) -> None:
    """Raise ValueError where a text or the name of a field holds NUL: databases cut it there."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError("NUL is no text")
    if isinstance(value, dict):
        value = [*value, *value.values()]
    for part in value if isinstance(value, list) else ():
        _refuse_nul(part)
