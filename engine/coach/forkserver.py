"""A process that has loaded all that coaches need, and forks one whenever it is asked to.

``python -m engine.coach.forkserver DESCRIPTOR``: to load torch, transformers and the encoder takes
seconds, which a coach that was killed has not. The server asks over a pipe, project by project,
with one end of a pipe for each (like the standard library's fork server, which would load the
server's own main module besides). When the server is gone, it ends; its children see that by
themselves.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "engine.coach.forkserver")
OWN = "WHETSTONE_"


class ForkServer:
    """The process, as the server sees it. Light to import."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen | None = None
        self._connection: Connection | None = None

    def fork(self, project: int) -> Connection:
        """Ask for the coach of a project and return our end of its pipe.

        Returns at once: the pipe closes where it comes to nothing. Raises OSError where no process
        can be started.
        """
        if self._process is None or self._process.poll() is not None:
            self._begin()
        assert self._connection and self._process, "it has begun"
        ours, theirs = Pipe()
        with theirs:
            # Where the home is may be another one by now than when the process began.
            own = {name: value for name, value in os.environ.items() if name.startswith(OWN)}
            self._connection.send((project, own))
            send_handle(self._connection, theirs.fileno(), self._process.pid)
        return ours

    def end(self) -> None:
        """End the process; its children go on until their pipes are closed."""
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = self._connection = None

    def _begin(self) -> None:
        self.end()
        self._connection, theirs = Pipe()
        with theirs:
            descriptor = theirs.fileno()
            self._process = subprocess.Popen(
                [*self._command, str(descriptor)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[descriptor],
                # Ctrl+C is for the server; this one sees its pipe close. In a session of its own
                # its work takes nothing of the server's share (see ``engine.system.priority``).
                start_new_session=True,
            )


def main(arguments: Sequence[str]) -> None:
    """Load what coaches need, then fork them until nobody asks any more."""
    from engine.coach import worker

    # What is forked has the niceness of the thread that forks it, and the locks as they are then:
    # a thread that ends takes one of MKL's, on which a child would spin for ever. So it stays.
    ThreadPoolExecutor(1, "loading").submit(_load).result()
    gc.freeze()
    fork_for_ever(Connection(int(arguments[0])), worker.run)


def _load() -> None:
    """Load what coaches need, behind others who want the processor."""
    from engine.system import environment, priority

    priority.lower_thread(priority.LONG_WORK)
    environment.prepare(1, {})
    import engine.coach.coach  # noqa: F401
    from engine.coach import reading
    from engine.configuration import bases

    reading.load(bases.fetch(bases.BUNDLED))


def fork_for_ever(control: Connection, begin: Callable[[int, int], None]) -> None:
    """Fork a process whenever the server asks for one; returns when the server is gone.

    Each calls ``begin`` with its project and the descriptor of its end of the pipe.
    """
    # Nobody waits for a child: its pipe tells when it is gone.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        try:
            (project, own), descriptor = control.recv(), recv_handle(control)
        except (EOFError, OSError):
            return
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.environ.update(own)
            begin(project, descriptor)
            os._exit(0)
        os.close(descriptor)


if __name__ == "__main__":
    main(sys.argv[1:])
