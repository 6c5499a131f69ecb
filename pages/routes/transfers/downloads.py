"""The download route: a file that was exported, in pieces, under the name that people know."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from pages.access import table
from pages.routes import gate
from pages.routes.bodies import Rejection
from storage.database import settings
from storage.database.store import database
from storage.permissions import acting_as
from storage.transfers.downloads import GONE, Outgoing, downloads

NAME = "exports"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def routes() -> list[Route]:
    return [Route(f"{gate.address(NAME)}/{{id}}", _send, methods=["GET"])]


def address(id: str) -> str:
    """Return where a file can be fetched."""
    return f"{gate.address(NAME)}/{id}"


async def _send(request: Request) -> Response:
    """Send a file to who made it; what it is called is a header and no path."""
    try:
        with gate.refusals():
            found = await run_in_threadpool(_find, request)
    except Rejection as rejection:
        return PlainTextResponse(str(rejection), rejection.status)
    # As bytes: nothing of a stranger's is ever shown as a page of ours.
    return FileResponse(
        found.path, media_type="application/octet-stream", filename=found.name, headers=HEADERS
    )


def _find(request: Request) -> Outgoing:
    id = request.path_params["id"]
    with acting_as(gate.enter(request, table.ROUTES[NAME])):
        if not re.fullmatch(r"[0-9a-f]{32}", id):
            raise Rejection(404, GONE)
        return downloads.get(id, settings.annotator(database()))
