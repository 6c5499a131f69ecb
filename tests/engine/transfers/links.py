"""A link to a server that is listened to by the test."""

from __future__ import annotations

from typing import Any

from engine.transfers.state import Phase, State, StoppedError


class Link:
    """Keeps what is told, and stops the transfer at a phase; nothing may wait for it."""

    def __init__(self, stop_at: Phase | None = None) -> None:
        self.stop_at = stop_at
        self.states: list[State] = []

    @property
    def phases(self) -> set[Phase]:
        return {state.phase for state in self.states}

    def tell(self, state: State) -> None:
        self.states.append(state)
        if state.phase is self.stop_at:
            raise StoppedError

    def wait(self) -> Any:
        raise AssertionError("nothing is waited for")
