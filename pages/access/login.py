"""The login page: plain HTML that needs no script, for nobody who is not in gets Streamlit's.

That a form was sent by this page is known by its origin (``pages.routes.origins``).
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from engine.system import shell
from pages.access import guard, oidc, places, session
from pages.access.limits import Attempts
from storage.accounts import accounts, sessions
from storage.accounts.accounts import Account
from storage.database.store import database
from storage.errors import StorageError

HERE = Path(__file__).parent
MARK = HERE.parents[0] / "pictures" / "wordmark.svg"
FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 20_000
WRONG = "That name and password do not belong together. Check the spelling of both, and Caps Lock."
NOBODY = (
    f"Nobody may sign in yet. Make an admin where this server runs: {shell.ENGINE} users add "
    "NAME --role admin --oidc, with the e-mail address that the provider knows as the name."
)
HELP = "Forgotten? An admin gives you a new password in Settings."
UNREAD = "The form did not arrive whole: send it again."
OPEN_LINE = "This connection is not encrypted: whoever is on its way can read the password."
STRANGER = "{} may not sign in here: ask an admin to make an account with that name."
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src 'self'; img-src data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
# Each hash takes 64 MiB and a core: so many are made at a time, the others wait.
_hashing = asyncio.Semaphore(2)
attempts = Attempts()


def routes() -> list[Route]:
    """Return the route of the login page."""
    return [Route(places.under(places.LOGIN), serve, methods=["GET", "POST"])]


async def serve(request: Request) -> Response:
    """Show the page, let somebody in, or say why not."""
    try:
        if request.method == "POST":
            return await _enter(request)
        return await run_in_threadpool(_show, request)
    except StorageError as error:
        return _page(request, str(error), 503, _next(request))


def _show(request: Request) -> Response:
    there = _next(request)
    if not session.is_required() or sessions.find(database(), _token(request)):
        return RedirectResponse(there, 303)
    try:
        email = oidc.vouched(request.cookies)
    except oidc.UnverifiedError as error:
        return _page(request, str(error), 403, there)
    if not email:
        return _page(request, "" if accounts.exist(database()) else NOBODY, 200, there)
    account = accounts.vouched_for(database(), email)
    if account is None:
        return _page(request, STRANGER.format(email), 403, there)
    if not oidc.spend(request.cookies):
        return _page(request, "", 200, there)
    return _begin(request, account, there)


async def _enter(request: Request) -> Response:
    """Let in whoever knows the password of an account; the answer never says which was wrong."""
    fields = await _read(request)
    if fields is None:
        return _page(request, UNREAD, 400, places.under(""))
    name, there = fields.get("name", ""), places.within(fields.get("next", ""))
    address = guard.visitor_of(request.scope).address
    wait = attempts.begin(name, address)
    if wait:
        said = f"Too many tries: wait {int(wait // 60) + 1} minutes, and then try again."
        return _page(request, said, 429, there, name, {"Retry-After": str(int(wait) + 1)})
    async with _hashing:
        found = await run_in_threadpool(
            accounts.authenticate, database(), name, fields.get("password", "")
        )
    if found is None:
        return _page(request, WRONG, 401, there, name)
    attempts.succeeded(name, address)
    return await run_in_threadpool(_begin, request, found, there)


def _begin(request: Request, account: Account, there: str) -> Response:
    """Begin a session; what the browser had before ends, so that nobody can have planted it."""
    if old := _token(request):
        sessions.end(database(), old)
    response = RedirectResponse(there, 303, {"Cache-Control": "no-store"})
    response.set_cookie(
        session.COOKIE,
        sessions.begin(database(), account),
        path=places.under(""),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


async def _read(request: Request) -> Mapping[str, str] | None:
    """Return the fields of the form; None where it is none, or too large."""
    if request.headers.get("content-type", "").split(";")[0].strip() != FORM:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    try:
        found = parse_qs(body.decode("utf-8"), max_num_fields=10, keep_blank_values=True)
    except ValueError:
        return None
    return {name: values[0] for name, values in found.items()}


def _page(
    request: Request,
    said: str,
    status: int,
    there: str,
    name: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the page; whatever stands in it is escaped."""
    content = _template().substitute(
        action=html.escape(places.under(places.LOGIN)),
        base=html.escape(places.under("")),
        said=f'<p class="said" role="alert">{html.escape(said)}</p>' if said else "",
        name=html.escape(name),
        # Whose name is known already types the password.
        first="" if name else "autofocus",
        second="autofocus" if name else "",
        next=html.escape(there),
        providers=_providers(),
        help=html.escape(HELP if _is_private(request) else OPEN_LINE),
    )
    return HTMLResponse(content, status, HEADERS | dict(headers or {}))


def _is_private(request: Request) -> bool:
    """Tell whether nobody on the way can read along."""
    return request.url.scheme == "https" or guard.visitor_of(request.scope).is_here()


def _providers() -> str:
    found = oidc.providers()
    return "".join(
        f'<a class="other" href="{html.escape(places.under(way))}">Sign in with '
        f"{html.escape('your organisation' if name == oidc.DEFAULT else name.title())}</a>"
        for name, way in found.items()
    )


@cache
def _template() -> Template:
    page = Template((HERE / "login.html").read_text("utf-8"))
    parts = {"mark": MARK.read_text("utf-8"), "style": (HERE / "login.css").read_text("utf-8")}
    return Template(page.safe_substitute(parts))


def _next(request: Request) -> str:
    return places.within(request.query_params.get("next", ""))


def _token(request: Request) -> str:
    return request.cookies.get(session.COOKIE, "")
