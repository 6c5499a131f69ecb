"""Looks each second whether something else is to be served."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from engine.serving.models.switching import Switching
from engine.serving.running import choosing
from engine.serving.running.choosing import Choice
from engine.serving.running.orders import Service
from storage.database.connection import Database
from storage.errors import StorageError, WhetstoneError

log = logging.getLogger("whetstone.serving")
LOOK_SECONDS = 1.0
# Seconds after which what could not be loaded is tried again, and where nothing answers meanwhile.
AGAIN_SECONDS, AGAIN_SOON = 30.0, 2.0


async def repeat(look: Callable[[], Awaitable[None]], complain: Callable[[str], None]) -> None:
    """Look each second until cancelled; what is wrong is said once for as long as it is so."""
    said = ""
    while True:
        try:
            await look()
            said = ""
        except WhetstoneError as error:
            if str(error) != said:
                complain(said := str(error))
        await asyncio.sleep(LOOK_SECONDS)


class Watcher:
    """Loads what is to be served whenever that is something else."""

    def __init__(self, db: Database, service: Service, models: Switching) -> None:
        self._db, self._service, self._models = db, service, models
        self._loaded: Choice | None = None
        self._failed: Choice | None = None
        self._failed_at = 0.0

    async def run(self) -> None:
        """Look until cancelled."""
        await repeat(self.look, self._complain)

    async def try_look(self) -> None:
        """Look once; say what is wrong."""
        try:
            await self.look()
        except WhetstoneError as error:
            self._complain(str(error))

    async def look(self) -> None:
        """Look once; raises StorageError where the database does not answer.

        Whatever was served goes on being served while something is wrong with what comes next.
        """
        choice = await asyncio.to_thread(choosing.choose, self._db, self._service)
        if choice == self._loaded or not self._is_due(choice):
            return
        try:
            order, description = await asyncio.to_thread(
                choosing.order, self._db, self._service, choice
            )
            await self._models.load(order, description)
        except StorageError:
            raise
        except WhetstoneError as error:
            self._failed, self._failed_at = choice, time.monotonic()
            self._models.trouble = str(error)
            raise
        self._loaded, self._failed = choice, None

    def _is_due(self, choice: Choice) -> bool:
        again = AGAIN_SECONDS if self._models.state()["model"] else AGAIN_SOON
        return choice != self._failed or time.monotonic() - self._failed_at > again

    def _complain(self, sentence: str) -> None:
        """Say what is wrong; what is shown by /healthz stays."""
        if self._models.state()["model"] is None:
            self._models.trouble = sentence
        log.warning("%s", sentence)
