"""What a run has spent, counted before it is: a budget that several threads share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from storage.errors import TrainingError


class Amounts(NamedTuple):
    """What is spent, or may be."""

    documents: int = 0
    requests: int = 0
    tokens: int = 0


class SpentError(TrainingError):
    """The budget of a run is spent: nothing more is asked."""


class Ledger:
    """Counts documents, requests and tokens, those of earlier attempts of a run included.

    Requests that are on their way when the tokens are spent are still answered: so a run may pass
    its tokens by as many answers as it awaits at once.
    """

    def __init__(
        self,
        most: Amounts,
        spent: Amounts = Amounts(),
        note: Callable[[Amounts], None] = lambda spent: None,
    ) -> None:
        self._most, self.spent = most, spent
        self._note, self._lock = note, threading.Lock()

    def begin_document(self) -> None:
        """Count a document that is asked about; raise SpentError where none is left."""
        self._begin("documents")

    def begin_request(self) -> None:
        """Count a request; raise SpentError where none is left."""
        self._begin("requests")

    def _begin(self, what: str) -> None:
        with self._lock:
            for name in (what, "tokens"):
                if getattr(self.spent, name) >= (most := getattr(self._most, name)):
                    raise SpentError(f"The budget of {most:,} {name} is spent.")
            self._add(**{what: 1})

    def add_tokens(self, tokens: int) -> None:
        """Count what an answer took."""
        with self._lock:
            self._add(tokens=tokens)

    def _add(self, **more: int) -> None:
        added = {name: getattr(self.spent, name) + count for name, count in more.items()}
        self.spent = self.spent._replace(**added)
        self._note(self.spent)
