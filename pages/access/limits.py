"""How often somebody may try to sign in, by account, address and both.

Kept in memory: who starts the server anew could as well read its database.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

from storage.accounts.names import folded

WINDOW_SECONDS = 900.0
BY_BOTH, BY_ACCOUNT, BY_ADDRESS = 5, 20, 50
_MOST = 20_000


class Attempts:
    """Tries to sign in that failed within the last quarter of an hour."""

    def __init__(self) -> None:
        self._failed: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, account: str, address: str, at: float | None = None) -> float:
        """Count a try as failed until it is known; return the seconds to wait, 0 for none.

        Whoever signed in from an address before is not locked out there by others' tries.
        """
        now = time.monotonic() if at is None else at
        account = _key(account)
        keys = [((account, address), BY_BOTH), (("", address), BY_ADDRESS)]
        with self._lock:
            if (account, address) not in self._known:
                keys.append(((account, ""), BY_ACCOUNT))
            wait = max(self._wait(key, limit, now) for key, limit in keys)
            if not wait:
                for key, _ in keys:
                    self._failed.setdefault(key, deque()).append(now)
                    self._failed.move_to_end(key)
            self._forget()
        return wait

    def succeeded(self, account: str, address: str) -> None:
        """Forget the tries of somebody who is in."""
        account = _key(account)
        with self._lock:
            self._failed.pop((account, address), None)
            for key in ((account, ""), ("", address)):
                if tries := self._failed.get(key):
                    tries.pop()
            self._known[(account, address)] = None

    def _wait(self, key: tuple[str, str], limit: int, now: float) -> float:
        tries = self._failed.get(key)
        while tries and now - tries[0] >= WINDOW_SECONDS:
            tries.popleft()
        return tries[-limit] + WINDOW_SECONDS - now if tries and len(tries) >= limit else 0.0

    def _forget(self) -> None:
        for table in (self._failed, self._known):
            while len(table) > _MOST:
                table.popitem(last=False)


def _key(account: str) -> str:
    """Return an account in the spelling by which it is found: another one is no further try."""
    return folded(account)[:200]
