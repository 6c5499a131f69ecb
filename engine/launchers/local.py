"""Workers on this computer: one process, or several under torchrun.

A worker holds an exclusive lock on ``FOLDER/worker.lock`` for life. The lock is taken
before the worker exists and handed down to it, so there is no moment at which a started
run looks dead. Of several processes it is torchrun that holds the lock, and none of them
outlives it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from engine.launchers import base, processes
from engine.launchers.processes import Identity
from engine.runs import lock
from engine.runs.spec import RunSpec
from engine.system import environment, gpus, priority
from engine.system.permissions import private

ROOT = Path(__file__).resolve().parents[2]
LOG = "worker.log"
TAIL = 4096


class Child(Protocol):
    """A process that was started."""

    pid: int

    def wait(self) -> int:
        """Wait until it has ended, and collect it."""


class Local:
    """Starts workers as children that outlive their parent."""

    def start(self, folder: Path, spec: RunSpec, gpus: Sequence[str]) -> Identity:
        """Start the run's worker in a session of its own.

        Raises:
            TrainingError: another worker holds the folder.
        """
        descriptor = lock.take(folder)
        try:
            with open(folder / LOG, "ab", opener=private) as log:
                log.write(_heading(spec.attempt))
                log.flush()
                told = variables(spec.settings.processes, descriptor, gpus)
                asked = command(folder, spec.settings.processes)
                child = self.spawn(asked, told, descriptor, log.fileno())
        finally:
            os.close(descriptor)
        # Before it can be collected: what ended at once could not be described any more.
        identity = processes.identify(child.pid)
        threading.Thread(target=child.wait, daemon=True).start()
        base.write(folder, base.Launch(spec.attempt, "local", tuple(gpus)))
        return identity

    def spawn(self, asked: list[str], told: dict[str, str], lock: int, log: int) -> Child:
        """Start a process in a session of its own that keeps the lock for as long as it lives.

        It gives way to the pages.
        """
        child = subprocess.Popen(
            asked,
            cwd=ROOT,
            env=told,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
        )
        priority.lower(child.pid, priority.LONG_WORK)
        return child

    def is_alive(self, folder: Path) -> bool:
        """Tell whether a worker holds the folder's lock."""
        return processes.is_held(folder)

    def fetch(self, folder: Path, whole: bool) -> None:
        """Do nothing: the worker works in the folder itself."""

    def ask_to_stop(self, folder: Path, wish: str) -> None:
        """Write the flag that the worker looks for."""
        base.flag(folder, wish)

    def kill(self, folder: Path, process: Identity | None) -> None:
        """Kill the worker's processes, also where they are stopped."""
        if process is not None:
            processes.kill(process)

    def last_words(self, folder: Path) -> str:
        """Return the last line that the newest attempt left in its log."""
        path = folder / LOG
        if not path.is_file():
            return ""
        lines = path.read_bytes()[-TAIL:].decode(errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return said[-1] if said and not said[-1].startswith(HEADING) else ""


HEADING = "--- attempt"


def _heading(attempt: int) -> bytes:
    return f"{HEADING} {attempt} ---\n".encode()


def command(folder: Path, count: int) -> list[str]:
    """Return the command line of a worker with this many processes; the folder comes last."""
    worker = ["-m", "engine.worker", str(folder)]
    if count == 1:
        return [sys.executable, *worker]
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    return [sys.executable, *torchrun, *worker]


def variables(count: int, lock: int, taken: Sequence[str]) -> dict[str, str]:
    """Return the worker's environment: how threads wait, who holds the lock, which GPUs."""
    held = {"WHETSTONE_LOCK_FD": str(lock)} if count == 1 else {"WHETSTONE_LOCK_HELD": "1"}
    seen = {gpus.VARIABLE: ",".join(taken)} if taken else {}
    return {**os.environ, **environment.FIXED, "PYTHONUNBUFFERED": "1", **held, **seen}
