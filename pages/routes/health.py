"""Whether the server and its database answer."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.widgets.store import database
from storage import settings
from storage.errors import StorageError


async def healthz(request: Request) -> JSONResponse:
    """Answer 200, or 503 with what is wrong."""
    try:
        await run_in_threadpool(lambda: settings.get(database(), "annotator"))
    except StorageError as error:
        return JSONResponse({"status": "failed", "error": str(error)}, 503)
    return JSONResponse({"status": "ok"})


def routes() -> list[Route]:
    return [Route("/healthz", healthz)]
