"""Who has a key of the project: asked of the database for every request, for many at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection

from starlette.requests import Request

from engine.serving.asking.questions import AnswerError
from engine.system.pace import Pace
from storage.database.connection import Database
from storage.errors import StorageError
from storage.serving import keys

# Keys of one address that were not good before, a second and at once: each asks the database.
WRONG, WRONG_AT_ONCE = 5.0, 50.0
NO_KEY = "This service asks for a key: send the header Authorization: Bearer KEY."
WRONG_KEY = "This key is not valid here, or was revoked: ask for another one."
UNKNOWN = "Keys cannot be looked up at present: ask again."


class Keys:
    """Satisfies ``doors.Door``: lets in who has a key, or everybody while there was never one."""

    def __init__(self, db: Database, project_id: int, always: bool) -> None:
        """``always``: ask for a key also where the project never had one."""
        self._db, self._project, self._always = db, project_id, always
        self._needed: bool | None = None
        """None until that was looked up."""
        self._good: set[bytes] = set()
        self._used: set[int] = set()
        self._wrong = Pace(WRONG, WRONG_AT_ONCE)
        self._looks = _Looks(db, project_id)

    async def enter(self, request: Request) -> str:
        """Return who asks: a key, or an address where none is needed."""
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        address = request.client.host if request.client else ""
        if self._needed is None:
            raise AnswerError(UNKNOWN)
        if not self._needed:
            return address
        if kind.lower() != "bearer" or not secret.strip():
            raise PermissionError(NO_KEY)
        number = await self._find(secret.strip(), address)
        self._used.add(number)
        return f"key {number}"

    async def _find(self, secret: str, address: str) -> int:
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        if digest not in self._good and self._wrong.wait(address):
            raise PermissionError(WRONG_KEY)
        number = await self._looks.find(secret)
        if not number:
            self._good.discard(digest)
            raise PermissionError(WRONG_KEY)
        self._good.add(digest)
        return number

    def refresh(self) -> None:
        """See whether a key is needed, and note which were used; raises StorageError."""
        self._needed = self._always or keys.are_asked_for(self._db, self._project)
        used, self._used = self._used, set()
        if used:
            keys.mark_used(self._db, used)


class _Looks:
    """Looks keys up, one look at a time: whoever comes meanwhile waits for the next one.

    So a look always begins after the request has come, and a revoked key opens nothing more,
    however many ask at once.
    """

    def __init__(self, db: Database, project_id: int) -> None:
        self._db, self._project = db, project_id
        self._turn = asyncio.Lock()
        self._wanted: set[str] = set()
        self._next: asyncio.Task[dict[str, int]] | None = None

    async def find(self, secret: str) -> int:
        """Return the id of a secret's key, 0 where it opens nothing; raises AnswerError."""
        self._wanted.add(secret)
        if self._next is None:
            self._next = asyncio.create_task(self._look())
        # Whoever is gone takes the look of nobody else along.
        return (await asyncio.shield(self._next)).get(secret, 0)

    async def _look(self) -> dict[str, int]:
        async with self._turn:
            wanted, self._wanted, self._next = self._wanted, set(), None
            return await asyncio.to_thread(self._ask, wanted)

    def _ask(self, wanted: Collection[str]) -> dict[str, int]:
        try:
            return keys.find(self._db, self._project, wanted)
        except StorageError as error:
            raise AnswerError(f"{UNKNOWN} {error}") from error
