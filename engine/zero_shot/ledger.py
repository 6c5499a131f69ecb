"""What a run has spent, counted before each request: a budget that several threads share."""

from __future__ import annotations

import threading
from collections.abc import Callable

from storage.errors import TrainingError

Spent = tuple[int, int]
"""Requests and tokens."""


class SpentError(TrainingError):
    """The budget of a run is spent: nothing more is asked."""


class Ledger:
    """Counts requests and tokens, those of earlier attempts of a run included.

    Requests that are on their way when the tokens are spent are still answered: so a run may pass
    its tokens by as many answers as it awaits at once.
    """

    def __init__(
        self,
        requests: int,
        tokens: int,
        spent: Spent = (0, 0),
        note: Callable[[Spent], None] = lambda spent: None,
    ) -> None:
        self._most = requests, tokens
        self._requests, self._tokens = spent
        self._note, self._lock = note, threading.Lock()

    @property
    def spent(self) -> Spent:
        return self._requests, self._tokens

    def begin_request(self) -> None:
        """Count a request; raise SpentError where none is left."""
        with self._lock:
            for spent, most, what in zip(
                self.spent, self._most, ("requests", "tokens"), strict=True
            ):
                if spent >= most:
                    raise SpentError(f"The budget of {most:,} {what} is spent.")
            self._requests += 1
            self._note(self.spent)

    def add_tokens(self, tokens: int) -> None:
        """Count what an answer took."""
        with self._lock:
            self._tokens += tokens
            self._note(self.spent)
