"""A service in its own processes, as the command starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from engine.serving.client import Client
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs as stored
from storage.types import RunState
from tests.engine.folders import ROOT, below, wait_for
from tests.engine.serving import runs
from tests.workers import forking


def promotable(db: Database, home: Path, base: Path, count: int = 2) -> list[int]:
    """Make a project with so many finished runs whose models differ; return their ids."""
    project = projects.create_project(db, "p", "spans")
    found = []
    for seed in range(count):
        run = stored.create_run(db, project.id, {"base": str(base)})
        folder = home / "runs" / run.folder
        runs.make(folder, base, seed + 3, run=run.id, name=run.folder)
        stored.set_state(db, run.id, RunState.DONE)
        found.append(run.id)
    return found


# The same with models' processes that need not load torch first.
FORKING, ITSELF = "tests.workers.service", "engine"


class Service:
    """A running command."""

    def __init__(self, process: subprocess.Popen, url: str, log: Path) -> None:
        self.process, self.url, self._log = process, url, log
        self.client = Client(url, timeout=240, patience=240)

    def below(self, module: str) -> list[psutil.Process]:
        """Return the processes below it that run a module."""
        return below(self.process.pid, module)

    def run(self) -> int:
        """Return which run answers."""
        return self.client.ask({"text": "Ada"})["model"]["run"]

    def wait_for_run(self, number: int) -> None:
        """Wait until a run answers."""
        wait_for(lambda: self.run() == number)

    def said(self) -> str:
        """Return the log."""
        return self._log.read_text(encoding="utf-8")


@contextmanager
def serving(log: Path, *arguments: object, program: str = FORKING) -> Iterator[Service]:
    """Run ``serve`` until the block ends."""
    if program == FORKING:
        forking.share("engine.worker")
    command = [sys.executable, "-m", program, "serve", "--port", "0", "--json"]
    with (
        log.open("w") as lines,
        subprocess.Popen(
            [*command, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=lines,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        ) as process,
    ):
        assert process.stdout
        line = process.stdout.readline()
        try:
            assert line, log.read_text(encoding="utf-8")
            yield Service(process, json.loads(line)["url"], log)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(60)
