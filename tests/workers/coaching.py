"""Coaches whose process is forked from the one that has loaded torch, which else takes seconds."""

from __future__ import annotations

import os
from multiprocessing import Pipe

from engine.coach.forkserver import ForkServer
from tests.workers.forking import fork


class ForkedForkServer(ForkServer):
    """The real process, but for how it begins."""

    def _begin(self) -> None:
        self.end()
        self._connection, theirs = Pipe()
        with theirs:
            command = [*self._command[2:], "0"]
            self._process = fork(command, os.environ, {"input": theirs.fileno()})  # type: ignore[assignment]
