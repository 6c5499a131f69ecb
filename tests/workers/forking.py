"""Real workers and servers that are there at once: forked by a process that has loaded all.

``python -m engine.worker FOLDER`` computes for two to three seconds before it begins, all of
it to load torch and transformers; a server of the application loads Streamlit, pandas and
Altair. Here that is done once for each kind: what is forked is the real thing in a process of
its own, with the environment, the lock and the log that it would have.

All testers side by side ask the same process that has loaded it, and so does what they start, a
service or a second machine. It ends when nobody is left to ask.
"""

from __future__ import annotations

import atexit
import errno
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from engine.launchers.local import Child, Local
from engine.system import environment

ROOT = Path(__file__).resolve().parents[2]
# In a server's environment: the module that is its projects' coach.
COACH = "TESTED_COACH"
PRELOADED = {
    "engine.worker": (
        *("engine.jobs.training", "engine.jobs.search", "engine.jobs.suggestions"),
        "engine.serving.models.answering",
        # Loaded late, with scikit-learn and SciPy: half a second of a run of one second.
        "engine.tasks.spans.metrics.seqeval_check",
        *(f"transformers.models.{kind}.modeling_{kind}" for kind in ("bert", "roberta")),
    ),
    "streamlit": (
        *("streamlit.web.cli", "streamlit.web.bootstrap", "uvicorn", "engine.runner"),
        *("pages.routes", "pages.widgets.home.welcome", "pages.widgets.home.loop"),
        *("pages.widgets.parts.table", "pages.widgets.frame.rescue", "altair.vegalite"),
        *("pages.widgets.data.document_list", "pages.widgets.data.import_form"),
        *("pages.widgets.data.export_form", "pages.widgets.tag.payload"),
        *("pages.widgets.report.views", "tests.workers.website"),
        *("app", "alembic.command", "alembic.autogenerate", "PIL.Image", "pygments.styles"),
        *("streamlit.material_icon_names", "uvicorn.protocols.http.h11_impl"),
    ),
}
# What else is forked from the process that has loaded torch.
LIKE_WORKERS = (
    *("engine.serving.models.worker", "engine.inference.model_server"),
    *("tests.engine.killing", "tests.workers.counter"),
    *("engine.coach.forkserver", "engine.coach.renewal.worker"),
)
# In the environment of all testers, and of what they start: whom they ask.
ASKED = "TESTED_FORKS"

_asking = threading.Lock()


@dataclass
class Forked:
    """A worker's process: what subprocess.Popen offers, as far as tests ask for it."""

    module: str
    pid: int
    end: int
    """A pipe from which the exit status is read."""
    returncode: int | None = field(default=None)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended and return its exit status."""
        if self.returncode is None:
            # Only now is the process collected: until then its pid tells of nobody else.
            _server(self.module).send(json.dumps({"collect": self.pid}).encode())
            # Not select(): a tester may have more than a thousand files open.
            waiting = select.poll()
            waiting.register(self.end, select.POLLIN)
            if not waiting.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(f"{self.module} {self.pid}", timeout or 0.0)
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
            # It may end by itself meanwhile.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process as kill -9 does."""
        self.send_signal(signal.SIGKILL)


class Forking(Local):
    """Starts workers as Local does, without the seconds that they load torch.

    Another program may be the worker's.
    """

    def __init__(self, program: str = "engine.worker") -> None:
        self.program = program

    def spawn(self, asked: list[str], told: dict[str, str], lock: int, log: int) -> Child:
        """Fork a worker that works alone; start every other process as usual."""
        if asked[1:-1] != ["-m", "engine.worker"]:
            return super().spawn(asked, told, lock, log)
        return fork([self.program, asked[-1]], told, {"lock": lock, "log": log})


def fork(command: Sequence[str], variables: Mapping[str, str], handed: dict[str, int]) -> Forked:
    """Fork what ``python -m COMMAND`` is, in a session of its own.

    It may be handed a "lock" that is held, a "log" to write to, an "input" and an "output".
    """
    module = "engine.worker" if command[0] in LIKE_WORKERS else command[0]
    reader, writer = os.pipe()
    handed = {"end": writer, **handed}
    asked = {"command": list(command), "variables": dict(variables), "handed": list(handed)}
    with _asking:
        server = _server(module)
        socket.send_fds(server, [json.dumps(asked).encode()], list(handed.values()))
        pid = int(server.recv(32))
    os.close(writer)
    return Forked(module, pid, reader)


def share(module: str) -> None:
    """Load what is forked now: nobody that is started from here on does it once more."""
    _server(module)


@cache
def _server(module: str) -> socket.socket:
    """Connect to the process that forks, where one hears; else start it."""
    # A name that is no file's, and that is gone with whoever hears there.
    address = f"\0whetstone-{os.environ.setdefault(ASKED, str(os.getpid()))}-{module}"
    while True:
        asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Another tester may be about to start it, too.
        with suppress(ConnectionRefusedError):
            asking.connect(address)
            break
        asking.close()
        if asking := _start(module, address):
            break
    atexit.register(asking.close)
    return asking


def _start(module: str, address: str) -> socket.socket | None:
    """Start the process that forks; return None where another one is about to hear there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as hearing:
        try:
            hearing.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return None
        hearing.listen()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        handed = hearing.fileno(), theirs.fileno()
        command = [sys.executable, "-m", "tests.workers.forking", module, *map(str, handed)]
        threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        variables = {**os.environ, **environment.FIXED, **threads}
        subprocess.Popen(command, cwd=ROOT, env=variables, pass_fds=handed, start_new_session=True)
        theirs.close()
    return ours


def preload(module: str) -> None:
    """Load what the forked will need, and compute nothing: threads do not survive a fork."""
    for name in PRELOADED[module]:
        importlib.import_module(name)
    # What is loaded is shared with all that are forked, and none of them looks through it again.
    gc.collect()
    gc.freeze()


@dataclass
class Server:
    """Forks a process for every message, and tells how each ended to whoever waits for it."""

    hearing: socket.socket
    asking: dict[socket.socket, set[int]]
    """Who asks, and what was forked for each."""
    ends: dict[int, int] = field(default_factory=dict)
    awaited: set[int] = field(default_factory=set)

    def serve(self) -> None:
        """Serve until nobody is left to ask."""
        died, dying = os.pipe()
        os.set_blocking(dying, False)
        signal.set_wakeup_fd(dying, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while self.asking:
            watched: list[Any] = [died, self.hearing, *self.asking]
            ready = select.select(watched, [], [])[0]
            if died in ready:
                os.read(died, 4096)
            if self.hearing in ready:
                self.asking[self.hearing.accept()[0]] = set()
            for each in self.asking.keys() & set(ready):
                self._answer(each)
            self._collect()

    def _answer(self, asking: socket.socket) -> None:
        message, handed, _, _ = socket.recv_fds(asking, 1 << 20, 8)
        if not message:
            # Nobody else waits for what it left behind.
            self.awaited |= self.asking.pop(asking)
            asking.close()
            return
        asked = json.loads(message)
        if "collect" in asked:
            self.awaited.add(asked["collect"])
            return
        ours = (self.hearing, *self.asking)
        pid, end = _fork(asked, dict(zip(asked["handed"], handed, strict=True)), ours)
        self.ends[pid] = end
        self.asking[asking].add(pid)
        asking.send(str(pid).encode())

    def _collect(self) -> None:
        for pid in self.awaited & self.ends.keys():
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                end = self.ends.pop(pid)
                # Its number may be given to another one.
                self.awaited.discard(pid)
                for forked in self.asking.values():
                    forked.discard(pid)
                # Who asked may be gone.
                with suppress(BrokenPipeError):
                    os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(end)


def _fork(asked: dict, handed: dict[str, int], ours: Iterable[socket.socket]) -> tuple[int, int]:
    """Fork one worker; return its pid and the pipe that is to tell how it ended."""
    pid = os.fork()
    if not pid:
        for each in ours:
            each.close()
        _be(asked, handed)
    end = handed.pop("end")
    for descriptor in handed.values():
        os.close(descriptor)
    return pid, end


def _be(asked: dict, handed: dict[str, int]) -> None:
    """Be what was asked for: in this child, to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.environ.clear()
    os.environ.update(asked["variables"])
    if "lock" in handed:
        os.environ["WHETSTONE_LOCK_FD"] = str(handed["lock"])
    streams = {"input": (0,), "log": (1, 2), "output": (1,)}
    for name, numbers in streams.items():
        for number in numbers if name in handed else ():
            os.dup2(handed[name], number)
    code = 1
    try:
        code = _main(asked["command"])
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _main(command: list[str]) -> int:
    """Do what ``python -m COMMAND`` does."""
    if command[0] == "engine.worker":
        from engine import worker

        return worker.main(command[1:])
    sys.argv = command
    if command[0] in LIKE_WORKERS:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
        return 0
    from tests.workers import website

    website.main()
    return 0


if __name__ == "__main__":
    preload(sys.argv[1])
    heard, first = (socket.socket(fileno=int(each)) for each in sys.argv[2:])
    Server(heard, {first: set()}).serve()
