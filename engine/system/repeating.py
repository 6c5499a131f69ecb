"""Something that is done again and again beside everything else, as long as a server lives."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

# After an error it rests so long.
TROUBLE_SECONDS = 5.0
log = logging.getLogger("whetstone.repeating")


class Repeating:
    """An action in a thread of its own, so many seconds after it has ended the time before."""

    def __init__(self, name: str, action: Callable[[], object], seconds: float) -> None:
        self._name, self._action, self._seconds = name, action, seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._thread is not None

    def start(self) -> None:
        """Go on in the background until ``stop``."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._go_on, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _go_on(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                self._action()
            except Exception:
                # A full disk or a busy database must not end the service: say so, go on.
                log.exception("The %s met an error and goes on", self._name)
                self._stopping.wait(TROUBLE_SECONDS)
