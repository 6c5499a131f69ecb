"""Who has a key of the project: asked of the database now and then, not at every request."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict

from starlette.requests import Request

from engine.serving.asking.questions import AnswerError
from engine.system.pace import Pace
from storage.database.connection import Database
from storage.errors import StorageError
from storage.serving import keys

# Seconds for which a key that was found stays good: so long may a revoked one still be used.
FRESH = 2.0
MOST = 10_000
# Wrong keys of one address, a second and at once: each asks the database.
WRONG, WRONG_AT_ONCE = 5.0, 50.0
NO_KEY = "This service asks for a key: send the header Authorization: Bearer KEY."
WRONG_KEY = "This key is not valid here, or was revoked: ask for another one."


class Keys:
    """Satisfies ``doors.Door``: lets in who has a key, or everybody while there is none."""

    def __init__(self, db: Database, project_id: int, always: bool) -> None:
        """``always``: ask for a key also where the project has none."""
        self._db, self._project, self._always = db, project_id, always
        self.needed = True
        self._known: OrderedDict[bytes, tuple[int, float]] = OrderedDict()
        self._used: set[int] = set()
        self._wrong = Pace(WRONG, WRONG_AT_ONCE)

    async def enter(self, request: Request) -> str:
        """Return who asks: a key, or an address where none is needed."""
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        address = request.client.host if request.client else ""
        if not self.needed:
            return address
        if kind.lower() != "bearer" or not secret.strip():
            raise PermissionError(NO_KEY)
        number = await self._find(secret.strip(), address)
        self._used.add(number)
        return f"key {number}"

    async def _find(self, secret: str, address: str) -> int:
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        number, until = self._known.get(digest, (0, 0.0))
        if time.monotonic() < until:
            return number
        if not number and self._wrong.wait(address):
            raise PermissionError(WRONG_KEY)
        number = await asyncio.to_thread(self._ask, secret)
        if not number:
            self._known.pop(digest, None)
            raise PermissionError(WRONG_KEY)
        self._known[digest] = number, time.monotonic() + FRESH
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return number

    def _ask(self, secret: str) -> int:
        try:
            found = keys.find(self._db, secret)
        except StorageError as error:
            raise AnswerError(f"Keys cannot be looked up at present: {error}") from error
        return found.id if found and found.project_id == self._project else 0

    def refresh(self) -> None:
        """See whether a key is needed, and note which were used; raises StorageError."""
        self.needed = self._always or keys.are_kept(self._db, self._project)
        used, self._used = self._used, set()
        if used:
            keys.mark_used(self._db, used)
