"""Whose session a cookie is: asked for every request, message, page and fragment anew.

Of a session nothing is remembered between two questions, so that one that was ended is over at
once, also where another process ended it. That nobody signs in here holds for a page's run.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from engine.system import shell
from pages.access import oidc
from storage import permissions
from storage.accounts import accounts, sessions
from storage.database.connection import Database
from storage.database.store import database
from storage.errors import ForbiddenError
from storage.permissions import Person

COOKIE = "whetstone_session"
# For a container whose own network is not the loopback's.
WITHOUT_LOGIN = "WHETSTONE_WITHOUT_LOGIN"
SIGN_IN = "Sign in first: nobody is signed in here, or the session has ended. Reload the page."
OPEN_TO_ALL = (
    "Other computers reach this server, and nobody is asked to sign in: so it answers this "
    "computer only. Make an admin's account where it runs, on Settings under People or in a "
    f"shell ({shell.ENGINE} users add NAME --role admin), and then everybody signs in. Where "
    f"only you can reach it, as in a container, start it with {WITHOUT_LOGIN}=1."
)
_LOOPBACK_NAMES = ("localhost", "")
_MOST = 10_000


class SignedOutError(ForbiddenError):
    """Nobody is signed in where somebody should be."""

    def __init__(self) -> None:
        super().__init__(SIGN_IN)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from, as far as it tells: its cookie, its address, our name in it."""

    token: str
    address: str
    host: str

    def is_here(self) -> bool:
        """Tell whether the browser runs on this computer and calls it so."""
        name = urlsplit(f"//{self.host}").hostname or ""
        return _is_loopback(self.address) and _is_loopback(name)


def is_required() -> bool:
    """Tell whether whoever comes must sign in. Raises StorageError."""
    return accounts.exist(database()) or oidc.is_configured()


def person_of(visitor: Visitor, *, active: bool = True) -> Person | None:
    """Return who a visitor is: None where nobody is asked to sign in.

    Raises SignedOutError where they have to sign in first, StorageError.
    """
    return _asked(visitor.token, active)


def _asked(by_token: str, active: bool) -> Person | None:
    account = sessions.find(database(), by_token, active=active)
    # Whose session it is answers at once whether there are accounts.
    if account is None and is_required():
        raise SignedOutError
    return account.person if account else None


def admit(visitor: Visitor, *, active: bool = True) -> None:
    """Let a visitor in who is signed in or, where nobody signs in, on this computer.

    Raises SignedOutError, ForbiddenError, StorageError.
    """
    nobody = person_of(visitor, active=active) is None
    if nobody and not visitor.is_here() and os.environ.get(WITHOUT_LOGIN) != "1":
        raise ForbiddenError(OPEN_TO_ALL)


def token() -> str:
    """Return the token that the browser of the running page has sent; empty where it has none."""
    found = st.context.cookies.get(COOKIE, "")
    return found if isinstance(found, str) else ""


def current() -> Person | None:
    """Return whose page is running: None without accounts, and where no page runs."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    run, moment = _run.get(), (database(), database().written)
    if run is not None and run.free_at == moment:
        return None
    person = _asked(token(), active=False)
    if run is not None and person is None:
        run.free_at = moment
    return person


@dataclass
class _Run:
    """A page's run, and when it last found that nobody signs in: which writing of this process."""

    free_at: tuple[Database, int] | None = None


_run: ContextVar[_Run | None] = ContextVar("run", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Let the run of a page ask once whether anybody signs in, and again after a write.

    It asks who acts before each thing that it shows, a dozen times.
    """
    token = _run.set(_Run())
    try:
        yield
    finally:
        _run.reset(token)


permissions.ask_by(current)


# Streamlit lets a browser go on with a session of before, by its id: only with the sign-in that
# it was begun with, for it holds pages, and what they can do, of whoever that was.
_owners: OrderedDict[str, str] = OrderedDict()


def bind() -> None:
    """Remember with whose sign-in the running page's session of Streamlit goes on."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        _owners[context.session_id] = _fingerprint(token())
        _owners.move_to_end(context.session_id)
        while len(_owners) > _MOST:
            _owners.popitem(last=False)


def is_bound(session_id: str, by_token: str) -> bool:
    """Tell whether a session of Streamlit was begun with a sign-in."""
    return _owners.get(session_id) == _fingerprint(by_token)


def _fingerprint(of_token: str) -> str:
    return hashlib.sha256(of_token.encode("utf-8", "replace")).hexdigest()


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name in _LOOPBACK_NAMES or name.endswith(".localhost")
