"""Holds the socket that clients come to, and starts the service again whenever it ends.

While there is none, whoever comes waits in the socket's queue, and is refused by nobody. The
service ends with this process, because its input does.
"""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from engine.serving.running.orders import Service
from storage.errors import InputError

log = logging.getLogger("whetstone.serving")
ROOT = Path(__file__).resolve().parents[3]
MODULE = "engine.serving.running.service"
QUEUE = 2048
# Seconds before a start after the last one failed: twice as long each time, but for one that held.
FIRST, LONGEST, HELD = 0.2, 30.0, 60.0
END_SECONDS = 40.0


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that clients can come to; raises InputError where that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # What it accepts takes this over: no answer waits until the one before was acknowledged.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        made.bind((host, port))
        made.listen(QUEUE)
    except (OSError, OverflowError) as error:
        made.close()
        said = getattr(error, "strerror", None) or error
        raise InputError(
            f"{host}:{port} cannot be listened to ({said}): choose another."
        ) from error
    return made


class Supervisor:
    """Keeps one service running on a socket."""

    def __init__(self, service: Service, listening: socket.socket) -> None:
        self._service, self._listening = service, listening
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()

    def run(self) -> None:
        """Serve until a signal asks to end; what is accepted by then is answered."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        pause = FIRST
        while not self._ending.is_set():
            started = time.monotonic()
            code = self._serve()
            if self._ending.is_set():
                break
            held = time.monotonic() - started > HELD
            pause = FIRST if held else pause
            log.warning("The service ended (%s); it is started again.", code)
            self._ending.wait(pause)
            pause = min(2 * pause, LONGEST)
        self._listening.close()

    def _serve(self) -> int:
        descriptor = self._listening.fileno()
        with subprocess.Popen(
            [sys.executable, "-m", MODULE, str(descriptor), self._service.to_json()],
            cwd=ROOT,
            pass_fds=[descriptor],
            stdin=subprocess.PIPE,
            # Ctrl+C is for this process, which tells the other one.
            start_new_session=True,
        ) as process:
            self._process = process
            if self._ending.is_set():
                process.terminate()
            while not self._ending.is_set() and process.poll() is None:
                self._ending.wait(0.05)
            return self._ended(process)

    def _ended(self, process: subprocess.Popen[bytes]) -> int:
        if self._ending.is_set():
            process.terminate()
        try:
            return process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending.set()
