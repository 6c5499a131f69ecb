"""Real workers that are there at once: one process loads torch and forks each of them.

``python -m engine.worker FOLDER`` computes for two to three seconds before it begins, all of
it to load torch and transformers. Here that is done once: what is forked is a real worker in
a process of its own, with the environment, the lock and the log that it would have.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from engine import environment

ROOT = Path(__file__).resolve().parents[2]
PRELOADED = (
    *("engine.fitting", "engine.searching", "engine.suggesting"),
    *(f"transformers.models.{kind}.modeling_{kind}" for kind in ("bert", "roberta")),
)


@dataclass
class Forked:
    """A worker's process: what subprocess.Popen offers, as far as tests ask for it."""

    pid: int
    end: int
    """A pipe from which the exit status is read."""
    returncode: int | None = field(default=None)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended and return its exit status."""
        if self.returncode is None:
            if not select.select([self.end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"worker {self.pid}", timeout or 0.0)
            self.returncode = int(os.read(self.end, 32))
            os.close(self.end)
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit status, None while the process lives."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process as kill -9 does."""
        self.send_signal(signal.SIGKILL)


def start(
    folder: Path,
    variables: Mapping[str, str] = os.environ,
    log: int | None = None,
    lock: int | None = None,
) -> Forked:
    """Start a worker in a session of its own; give it a log, and a lock that it is to hold."""
    reader, writer = os.pipe()
    handed = {"end": writer} | ({} if log is None else {"log": log})
    handed |= {} if lock is None else {"lock": lock}
    asked = {"folder": str(folder), "variables": dict(variables), "handed": list(handed)}
    server = _server()
    socket.send_fds(server, [json.dumps(asked).encode()], list(handed.values()))
    os.close(writer)
    return Forked(int(server.recv(32)), reader)


@cache
def _server() -> socket.socket:
    """Start the process that forks; it ends when this one does, for its socket closes then."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.set_inheritable(theirs.fileno(), True)
    command = [sys.executable, "-m", "tests.workers.forking", str(theirs.fileno())]
    variables = {**os.environ, **environment.FIXED, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    subprocess.Popen(command, cwd=ROOT, env=variables, pass_fds=(theirs.fileno(),))
    theirs.close()
    return ours


def serve(asking: socket.socket) -> None:
    """Fork a worker for every message, and tell how each ended."""
    ends: dict[int, int] = {}
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready = select.select([asking, reading], [], [])[0]
        if reading in ready:
            os.read(reading, 4096)
            _tell_ends(ends)
        if asking in ready:
            message, handed, _, _ = socket.recv_fds(asking, 1 << 20, 8)
            if not message:
                return
            asked = json.loads(message)
            given = dict(zip(asked["handed"], handed, strict=True))
            pid = os.fork()
            if not pid:
                asking.close()
                _work(asked, given)
            ends[pid] = given.pop("end")
            for descriptor in given.values():
                os.close(descriptor)
            asking.send(str(pid).encode())


def _tell_ends(ends: dict[int, int]) -> None:
    """Write the status of each child that has ended to whoever waits for it."""
    for pid in list(ends):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            end = ends.pop(pid)
            os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(end)


def _work(asked: dict, given: dict[str, int]) -> None:
    """Be the worker: in this child, to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.environ.clear()
    os.environ.update(asked["variables"])
    if "lock" in given:
        os.environ["WHETSTONE_LOCK_FD"] = str(given["lock"])
    if "log" in given:
        os.dup2(given["log"], 1)
        os.dup2(given["log"], 2)
    from engine import worker

    code = 1
    try:
        code = worker.main([asked["folder"]])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    # Loaded, but nothing computed: threads that were started would not survive the fork.
    for name in PRELOADED:
        importlib.import_module(name)
    serve(socket.socket(fileno=int(sys.argv[1])))
