"""The upload routes: files arrive in slices, go to disk as they come, and can be gone on with.

``begin`` takes down what they are for, names and sizes, ``send`` appends a slice to one file,
``list`` says how much is here (after a reload, or a lost connection), ``remove`` deletes. What
files are for says who may send them (``pages.access.table``). Whatever a browser says of a file
is data: what is written lies under numbers that the server gives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route

from pages.access import table
from pages.routes import gate
from pages.routes.bodies import Rejection
from pages.routes.gate import Answer, Call, is_id
from storage.errors import ConflictError
from storage.permissions import require
from storage.transfers.uploads import LONGEST_NAME, Incoming, Writing, megabytes, uploads

MALFORMED = "The upload is not in the form that this version takes: reload the page."
# In one request; the browser's slices are smaller.
LARGEST_SLICE = 64 * 1024**2
# What is collected before it is written.
PORTION = 1024**2
LARGEST_FILE = 2**50
SEND = "uploads/send"
MOST_AT_ONCE = 2_000
HEADERS = ("x-whetstone-token", "x-whetstone-batch", "x-whetstone-file", "x-whetstone-offset")


def routes() -> list[Route]:
    return [
        *(gate.route("uploads/begin", _begin), gate.route("uploads/list", _list)),
        gate.route("uploads/remove", _remove),
        Route(
            gate.address("uploads/send"), gate.spoken("uploads/send", _send), methods=gate.METHODS
        ),
    ]


def addresses() -> dict[str, str]:
    """Return the paths of the routes by name."""
    return {name: gate.address(f"uploads/{name}") for name in ("begin", "list", "remove", "send")}


def _begin(call: Call) -> Answer:
    """Take down files that will come; the first time this also makes their batch."""
    given = _announced(call.fields.get("files"))
    purpose = call.fields.get("purpose")
    if not isinstance(purpose, str) or purpose not in table.UPLOADS:
        raise Rejection(400, MALFORMED)
    _check_sizes(purpose, given)
    if "batch" in call.fields:
        batch = _batch(call)
        if uploads.purpose(batch, call.annotator) != purpose:
            raise Rejection(400, MALFORMED)
    else:
        require(table.UPLOADS[purpose].needs)
        batch = uploads.begin(call.annotator, purpose)
    numbers = uploads.announce(batch, call.annotator, given)
    return 200, {"batch": batch, "files": numbers, "free": uploads.free_bytes()}


def _list(call: Call) -> Answer:
    found = uploads.files(_batch(call), call.annotator)
    return 200, {"files": [_told(each) for each in found], "free": uploads.free_bytes()}


def _remove(call: Call) -> Answer:
    numbers = call.fields.get("files")
    if not isinstance(numbers, list) or not all(map(is_id, numbers)):
        raise Rejection(400, MALFORMED)
    uploads.remove(_batch(call), call.annotator, numbers)
    return 200, {"free": uploads.free_bytes()}


def _check_sizes(purpose: str, given: Sequence[tuple[str, int]]) -> None:
    most = table.UPLOADS[purpose].most_bytes
    if most is not None and (large := max((size for _, size in given), default=0)) > most:
        raise Rejection(
            400,
            f"The file has {megabytes(large)}, and at most {megabytes(most)} are read here: "
            "choose a part of it.",
        )


def _told(each: Incoming) -> dict[str, Any]:
    return {"n": each.number, "name": each.name, "size": each.size, "received": each.received}


def _batch(call: Call) -> str:
    """Return the batch that is named, once whoever asks may do what it is for."""
    batch = _is_batch(call.fields.get("batch"))
    _require(batch, call.annotator)
    return batch


def _require(batch: str, annotator: str) -> None:
    require(table.UPLOADS[uploads.purpose(batch, annotator)].needs)


def _is_batch(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{32}", value):
        raise Rejection(400, MALFORMED)
    return value


def _announced(given: Any) -> list[tuple[str, int]]:
    if not isinstance(given, list) or len(given) > MOST_AT_ONCE:
        raise Rejection(400, MALFORMED)
    return [_file(each) for each in given]


def _file(given: Any) -> tuple[str, int]:
    if not isinstance(given, dict):
        raise Rejection(400, MALFORMED)
    name, size = given.get("name"), given.get("size")
    is_size = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < LARGEST_FILE
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not is_size:
        raise Rejection(400, MALFORMED)
    return name, size


async def _send(request: Request) -> Answer:
    """Append a slice; what has arrived stays, also where the connection is lost in it."""
    annotator, batch, number, offset = _read_headers(request)
    await run_in_threadpool(_require, batch, annotator)
    try:
        writing = uploads.open(batch, annotator, number, offset)
    except ConflictError:
        # Of a request whose answer was lost: the browser goes on from what is here.
        return 409, {"received": _received(batch, annotator, number)}
    try:
        await _append(request, writing)
    except ClientDisconnect:
        return 400, {"error": "The connection was lost."}
    return 200, {"received": writing.received}


async def _append(request: Request, writing: Writing) -> None:
    held, total = bytearray(), 0
    async for chunk in request.stream():
        held += chunk
        total += len(chunk)
        if total > LARGEST_SLICE:
            raise Rejection(413, "The slice is too large: reload the page.")
        if len(held) >= PORTION:
            await run_in_threadpool(writing.write, bytes(held))
            held.clear()
    if held:
        await run_in_threadpool(writing.write, bytes(held))


def _received(batch: str, annotator: str, number: int) -> int:
    return next(
        (each.received for each in uploads.files(batch, annotator) if each.number == number), 0
    )


def _read_headers(request: Request) -> tuple[str, str, int, int]:
    """Return annotator, batch, file and offset; what is no upload is refused before its body."""
    if request.method != "POST":
        raise Rejection(405, "Files are sent with POST.")
    if request.headers.get("content-type") != "application/octet-stream":
        raise Rejection(415, "Files are sent as application/octet-stream.")
    token, batch, number, offset = (request.headers.get(name, "") for name in HEADERS)
    annotator, _ = gate.check_token(token)
    if not all(re.fullmatch(r"[0-9]{1,16}", each) for each in (number, offset)):
        raise Rejection(400, MALFORMED)
    return annotator, _is_batch(batch), int(number), int(offset)
