"""The token route: a new token for one that has grown old while edits waited under it."""

from __future__ import annotations

from starlette.routing import Route

from pages.routes import gate
from pages.routes.bodies import LARGEST_BODY, Rejection
from pages.routes.gate import Answer, Call, route
from storage.errors import RefusedError


def routes() -> list[Route]:
    return [route("token", _renew)]


def _renew(call: Call) -> Answer:
    """Renew a token of this home, also of another project: the request's own is a new one."""
    try:
        token = gate.renew(call.text("stale", LARGEST_BODY))
    except RefusedError as error:
        raise Rejection(401, str(error)) from error
    gate.check_owner(gate.verify(token)[0])
    return 200, {"token": token}
