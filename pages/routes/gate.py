"""Who may call our own routes, and how: checked before anything is done.

That a request comes from our own pages is known by now (``origins``). Here it must be JSON,
with a token that only a page of this home can have been given, and a document that it names
must be one of the token's project. Where people sign in, the token must be of whoever did, and
their role must be one that may do what is asked (``pages.access.table``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine.system.pace import Pace
from pages.access import guard, places, session, table
from pages.access.session import SignedOutError
from pages.routes.bodies import MALFORMED, Rejection, read_fields
from storage import home
from storage.collaboration.rules import starts
from storage.corpus import documents
from storage.database import settings
from storage.database.store import database
from storage.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    RefusedError,
    StorageError,
)
from storage.journal.checks import is_short
from storage.permissions import Ability, Person, acting_as, current, require

LONGEST_TEXT = 500
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# A page gives out a new token each time it runs; the tagger renews one that is older.
AGE = timedelta(days=7)


class ExpiredError(RefusedError):
    """A token of this home that is too old."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in: in whose name, for which project, and what it says."""

    annotator: str
    project: int
    fields: Mapping[str, Any]

    def document(self) -> int:
        """Return the id of the document that is named: one of the project. Raises Rejection."""
        return self.number("document")

    def number(self, name: str) -> int:
        """Return a field that is an id; raises Rejection."""
        value = self.fields.get(name)
        if not is_id(value):
            raise Rejection(400, MALFORMED)
        return value

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """Return a field that is a text of at most so many characters; raises Rejection."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise Rejection(400, MALFORMED)
        if len(value) > longest:
            raise Rejection(
                400, f"The field {name!a} has {len(value):,} characters: use at most {longest:,}."
            )
        return value

    def name(self, name: str) -> str:
        """Return a field by which a program names something: short, plain. Raises Rejection."""
        value = self.fields.get(name)
        if not is_short(value):
            raise Rejection(400, MALFORMED)
        return value


NOT_VALID = "This page's permission to save is not valid here: reload the page."
Answer = tuple[int, Mapping[str, Any]]
# A quick person with a slow line sends what has piled up; a program that runs wild goes on.
pace = Pace(per_second=50.0, at_once=1_000.0)


def route(name: str, answer: Callable[[Call], Answer]) -> Route:
    """Return a route that lets a request in, answers it in a thread, and says what is wrong."""

    async def answered(request: Request) -> Answer:
        fields = await read_fields(request)
        return await run_in_threadpool(_answer, name, answer, fields)

    return Route(address(name), spoken(name, answered), methods=METHODS)


def spoken(
    name: str, answered: Callable[[Request], Awaitable[Answer]]
) -> Callable[..., Awaitable[Response]]:
    """Return a route's endpoint: asks who it is and whether they may, and answers in JSON.

    A route that is not in the table does not start.
    """
    needs = table.ROUTES[name]

    async def serve(request: Request) -> JSONResponse:
        try:
            with refusals():
                person = await run_in_threadpool(enter, request, needs)
                with acting_as(person):
                    status, body = await answered(request)
        except Rejection as rejection:
            return JSONResponse(rejection.body(), rejection.status)
        return JSONResponse(body, status)

    return serve


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the storage refuses into the HTTP status that says so."""
    try:
        yield
    except SignedOutError as error:
        raise Rejection(401, str(error)) from error
    except ForbiddenError as error:
        raise Rejection(403, str(error)) from error
    except ConflictError as error:
        raise Rejection(409, str(error)) from error
    except (RefusedError, InputError) as error:
        raise Rejection(400, str(error)) from error
    except NotFoundError as error:
        raise Rejection(404, str(error)) from error
    except StorageError as error:
        raise Rejection(503, str(error)) from error


def enter(request: Request, needs: Ability) -> Person | None:
    """Return who asks: None where nobody signs in.

    Raises ForbiddenError for who may not, Rejection for who asks too much.
    """
    visitor = guard.visitor_of(request.scope)
    person = session.person_of(visitor)
    if pace.wait(person.name if person else visitor.address):
        raise Rejection(429, "Too many requests at once: wait a moment.")
    with acting_as(person):
        require(needs)
    return person


def address(name: str) -> str:
    """Return the path of a route."""
    return places.under(f"api/{name}")


def sign(annotator: str, project: int, holder: str = "") -> str:
    """Return the token with which a page may edit a project in an annotator's name, for a week.

    What stands before its first dot says who and where, and is the same in every such token:
    edits that wait in a browser are kept under it and sent with the newest one. ``holder`` keeps
    those apart that are made to an annotation which is not the annotator's own.
    """
    fields = {"annotator": annotator, "project": project} | ({"of": holder} if holder else {})
    payload = _base64(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())
    return _signer().sign(payload).decode()


def verify(token: str) -> tuple[str, int]:
    """Return the annotator and the project of a token.

    Raises RefusedError for a forged one, ExpiredError for one that is too old.
    """
    try:
        payload = _signer().unsign(token, max_age=int(AGE.total_seconds()))
    except SignatureExpired as error:
        raise ExpiredError(
            "This page's permission to save is more than a week old: reload the page."
        ) from error
    except BadSignature as error:
        raise RefusedError(NOT_VALID) from error
    return _read_payload(payload.decode())


def renew(token: str) -> str:
    """Return a new token for one that this home gave out, however old.

    Raises RefusedError for a forged one.
    """
    try:
        payload = _signer().unsign(token).decode()
    except BadSignature as error:
        payload, _, seal = token.partition(".")
        # Until 0.3 a token had no age; edits kept since then are delivered still.
        if not hmac.compare_digest(seal.encode(), _first_seal(payload).encode()):
            raise RefusedError(NOT_VALID) from error
    return _signer().sign(payload).decode()


def is_id(value: Any) -> bool:
    """Tell whether a value of JSON can be the id of a row."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _answer(name: str, answer: Callable[[Call], Answer], fields: Mapping[str, Any]) -> Answer:
    call = Call(*check_token(fields.get("token")), fields)
    _check_document(call)
    if name in table.ROUTES_SHOWING_OTHERS and (closed := starts.refusal(database(), call.project)):
        raise ForbiddenError(closed)
    return answer(call)


def check_token(token: Any) -> tuple[str, int]:
    """Return the annotator and the project of a request's token.

    Raises Rejection, ForbiddenError where it is another person's than who is signed in.
    """
    if not isinstance(token, str):
        raise Rejection(400, MALFORMED)
    try:
        annotator, project = verify(token)
    except RefusedError as error:
        raise Rejection(401, str(error), expired=isinstance(error, ExpiredError)) from error
    check_owner(annotator)
    return annotator, project


def check_owner(annotator: str) -> None:
    """Raise ForbiddenError where a token gives leave to edit in another's name."""
    person = current()
    if person is not None and person.name != annotator:
        raise ForbiddenError(
            f"This page was opened by {annotator}, and you are signed in as {person.name}: reload "
            "the page."
        )


def _check_document(call: Call) -> None:
    """Raise Rejection where the request names a document that its project does not have."""
    if "document" in call.fields and not documents.belongs(
        database(), call.document(), call.project
    ):
        raise Rejection(404, "This project has no such document: reload the page.")


def _signer() -> TimestampSigner:
    # Two databases of one home number their projects alike: what one gave out is not the other's.
    salt = f"whetstone.edits.{settings.identity(database())}"
    return TimestampSigner(home.secret(), salt=salt, digest_method=hashlib.sha256)


def _read_payload(payload: str) -> tuple[str, int]:
    fields = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return fields["annotator"], fields["project"]


def _first_seal(payload: str) -> str:
    return _base64(hmac.new(home.secret(), payload.encode(), hashlib.sha256).digest())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
