"""The tagger's modules: served as they lie in their folder, under an address of their contents.

The browser may keep what it has fetched for ever: other contents have another address.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.access import places

FOLDER = Path(__file__).parents[1] / "tagger"
TYPES = {".js": "text/javascript", ".json": "application/json"}
FOR_EVER = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[Route]:
    """Return the route of the modules; a GET route answers HEAD too."""
    return [Route(f"{_root()}/{{version}}/{{attempt}}/{{name:path}}", send, methods=["GET"])]


def address() -> str:
    """Return the folder under which the modules are served.

    Behind it stands the number of the attempt to load them: browsers remember that a module
    could not be fetched, and the modules name each other relative to their own address.
    """
    return f"{_root()}/{version()}/"


async def send(request: Request) -> Response:
    """Send one module of the version that this server has."""
    found = modules().get(request.path_params["name"])
    attempt = request.path_params["attempt"]
    if not (found and attempt.isascii() and attempt.isdigit()):
        return PlainTextResponse("There is nothing here.", 404)
    if request.path_params["version"] != version():
        return PlainTextResponse("Whetstone was updated: reload the page.", 404)
    content, media_type = found
    return Response(content, media_type=media_type, headers=FOR_EVER)


def _root() -> str:
    return places.under("tagger")


@cache
def modules() -> dict[str, tuple[bytes, str]]:
    """Return contents and type of each module by its path within the folder.

    All are read at once, for versions do not mix; and only what was found in the folder has an
    address, so no path leads out of it.
    """
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    return {
        path.relative_to(FOLDER).as_posix(): (path.read_bytes(), TYPES[path.suffix])
        for path in files
    }


@cache
def version() -> str:
    """Return the hash of all modules."""
    digest = hashlib.sha256()
    for name, (content, _) in modules().items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
