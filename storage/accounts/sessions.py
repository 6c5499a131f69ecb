"""Sessions: a random token that a browser keeps, of which the database has only the hash."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, or_, select

from storage.accounts.accounts import Account, read
from storage.database.connection import Database
from storage.engines.schema import AccountRow, SignInRow
from storage.errors import StorageError

TOKEN_BYTES = 32
# A person who does nothing for so long is signed out; and everybody after a week.
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
# How exactly it is known when somebody was last seen: a write each time would be many.
SEEN_SECONDS = 300


def begin(db: Database, account: Account) -> str:
    """Begin a session and return its token, which is kept nowhere; others' old ones are ended."""
    token, at = secrets.token_urlsafe(TOKEN_BYTES), _now()
    with db.write() as session:
        session.execute(delete(SignInRow).where(_is_over(at)))
        session.add(SignInRow(token=_hash(token), account_id=account.id, begun_at=at, seen_at=at))
    return token


def find(db: Database, token: str, *, active: bool = True) -> Account | None:
    """Return whose session a token is, None where it is forged, too old or was ended.

    ``active``: whether a person did something, after which the session goes on.
    """
    if not token or len(token) > 2 * TOKEN_BYTES:
        return None
    at = _now()
    with db.read() as session:
        # Asked at every request: both rows at once.
        both = select(SignInRow, AccountRow).join(AccountRow).where(SignInRow.token == _hash(token))
        found = session.execute(both).one_or_none()
        if found is None or _is_idle(found[0], at):
            return None
        seen, account = found[0].seen_at, read(found[1])
    if active and at - seen >= SEEN_SECONDS:
        _see(db, token, at)
    return account


def end(db: Database, token: str) -> None:
    """End a session: its token is nobody's from now on."""
    with db.write() as session:
        session.execute(delete(SignInRow).where(SignInRow.token == _hash(token)))


def end_all(db: Database) -> None:
    """End everybody's session."""
    with db.write() as session:
        session.execute(delete(SignInRow))


def counts(db: Database, account_ids: Collection[int]) -> Counter[int]:
    """Return how many sessions each of some accounts has open."""
    at = _now()
    kept = select(SignInRow).where(SignInRow.account_id.in_(account_ids))
    with db.read() as session:
        found = session.scalars(kept)
        return Counter(row.account_id for row in found if not _is_idle(row, at))


def _see(db: Database, token: str, at: int) -> None:
    try:
        with db.write() as session:
            row = session.get(SignInRow, _hash(token))
            if row is not None:
                row.seen_at = at
    except StorageError:
        # A database that cannot be changed just now: the session ends earlier than it could.
        return


def _is_idle(row: SignInRow, at: int) -> bool:
    return at - row.seen_at >= IDLE.total_seconds() or at - row.begun_at >= LONGEST.total_seconds()


def _is_over(at: int) -> ColumnElement[bool]:
    return or_(
        SignInRow.seen_at <= at - int(IDLE.total_seconds()),
        SignInRow.begun_at <= at - int(LONGEST.total_seconds()),
    )


def _now() -> int:
    return int(time.time())


def _hash(token: str) -> str:
    # A token is as random as a key, so no slow hash is needed.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
