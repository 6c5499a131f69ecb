"""Whether the server and its database answer, and whose it is."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from storage import home
from storage.database import settings
from storage.database.connection import probe
from storage.database.store import database
from storage.errors import ReadOnlyError, StorageError

# Whoever asks wants to know now that a lock is held, not when it is given up.
PATIENCE_SECONDS = 1.0


async def healthz(request: Request) -> JSONResponse:
    """Answer 200, or 503 with what is wrong."""
    try:
        await run_in_threadpool(_ask)
    except StorageError as error:
        return JSONResponse({"status": "failed", "error": str(error), "home": home.mark()}, 503)
    return JSONResponse({"status": "ok", "home": home.mark()})


def _ask() -> None:
    """Raise what is wrong with the database; one that may only be read answers well."""
    probe(PATIENCE_SECONDS)
    barrier = database().barrier()
    if barrier and not isinstance(barrier, ReadOnlyError):
        raise barrier
    settings.get(database(), "annotator")


def routes() -> list[Route]:
    return [Route("/healthz", healthz)]
