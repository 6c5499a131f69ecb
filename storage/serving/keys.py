"""API keys: who may ask a project's served model. A secret is shown once and kept as its hash.

A secret has 256 random bits, so that a plain hash of it tells nothing (argon2id is for passwords,
which people choose).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update

from storage.corpus.projects import required
from storage.corpus.validation import name as valid_name
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import ApiKeyRow
from storage.errors import NotFoundError
from storage.permissions import Ability, needs

PREFIX = "wst_"
SHOWN = 10


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as a list shows it; ``start`` is how its secret begins."""

    id: int
    project_id: int
    name: str
    start: str
    made_by: str
    made_at: str
    used_at: str | None = None
    revoked_at: str | None = None


@needs(Ability.SERVE)
def issue(db: Database, project_id: int, name: str) -> tuple[ApiKey, str]:
    """Make a key and return it with its secret, which nothing here can tell again.

    Raises InputError for a name that is none, NotFoundError.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    with db.write() as session:
        required(session, project_id)
        row = ApiKeyRow(
            project_id=project_id,
            name=valid_name(name, "key"),
            start=secret[:SHOWN],
            digest=_digest(secret),
            created_by=settings.annotator(db),
            created_at=now(),
        )
        session.add(row)
        session.flush()
        return _key(row), secret


@needs(Ability.SERVE)
def revoke(db: Database, key_id: int) -> ApiKey:
    """Let a key open nothing any more; raises NotFoundError."""
    with db.write() as session:
        row = session.get(ApiKeyRow, key_id, with_for_update=True)
        if row is None:
            raise NotFoundError(f"There is no key {key_id}: choose one from the list.")
        row.revoked_at = row.revoked_at or now()
        return _key(row)


def list_keys(db: Database, project_id: int) -> list[ApiKey]:
    """Return a project's keys, the newest first, revoked ones, too."""
    query = select(ApiKeyRow).where(ApiKeyRow.project_id == project_id)
    with db.read() as session:
        return [_key(row) for row in session.scalars(query.order_by(ApiKeyRow.id.desc()))]


def find(db: Database, project_id: int, secrets: Collection[str]) -> dict[str, int]:
    """Return which of these secrets open a project at this moment, each with its key's id."""
    by_digest = {_digest(each): each for each in secrets if each.startswith(PREFIX)}
    found: dict[str, int] = {}
    with db.read() as session:
        for some in chunks(by_digest):
            query = select(ApiKeyRow.digest, ApiKeyRow.id).where(
                ApiKeyRow.digest.in_(some),
                ApiKeyRow.project_id == project_id,
                ApiKeyRow.revoked_at.is_(None),
            )
            found |= {by_digest[digest]: id for digest, id in session.execute(query)}
    return found


def are_asked_for(db: Database, project_id: int) -> bool:
    """Tell whether a project ever had a key: from then on nobody comes without one.

    So a service is never opened by revoking: whose last key is revoked lets nobody in.
    """
    query = select(ApiKeyRow.id).where(ApiKeyRow.project_id == project_id).limit(1)
    with db.read() as session:
        return session.scalar(query) is not None


def open_it(db: Database, project_id: int) -> bool:
    """Tell whether a project has a key that was not revoked."""
    query = select(ApiKeyRow.id).where(
        ApiKeyRow.project_id == project_id, ApiKeyRow.revoked_at.is_(None)
    )
    with db.read() as session:
        return session.scalar(query.limit(1)) is not None


def mark_used(db: Database, ids: Collection[int]) -> None:
    """Note that keys were used now."""
    with db.write() as session:
        session.execute(update(ApiKeyRow).where(ApiKeyRow.id.in_(ids)).values(used_at=now()))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: ApiKeyRow) -> ApiKey:
    own = row.id, row.project_id, row.name, row.start, row.created_by, row.created_at
    return ApiKey(*own, row.used_at, row.revoked_at)
