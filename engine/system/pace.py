"""How fast each of many asks: so often a second, and so often at once (a token bucket).

Kept in memory: who starts the server anew could as well read what it guards.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

_MOST = 20_000


class Pace:
    """Counts what each asks."""

    def __init__(self, per_second: float, at_once: float) -> None:
        self._per_second, self._at_once = per_second, at_once
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, who: str, at: float | None = None) -> float:
        """Count a request; return the seconds to wait where it is one too many, else 0."""
        now = time.monotonic() if at is None else at
        with self._lock:
            left, since = self._left.get(who, (self._at_once, now))
            left = min(self._at_once, left + (now - since) * self._per_second)
            self._left[who] = (left - 1 if left >= 1 else left, now)
            self._left.move_to_end(who)
            while len(self._left) > _MOST:
                self._left.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / self._per_second
