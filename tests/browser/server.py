"""A real server on a free port, and where the browser is. Used by tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from tests.workers.forking import Forked, fork
from tests.workers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180.0


def find_chromium() -> dict:
    """Return Playwright's launch options: the system's Chromium, else Playwright's own."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    system = next(filter(None, map(shutil.which, names)), None)
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    return {"args": quiet, **({"executable_path": system} if system else {})}


class AppServer:
    """``streamlit run SCRIPT`` with a home folder of its own; can be killed and started again."""

    def __init__(self, script: Path, home: Path, port: int = 0) -> None:
        self.script = script
        self.home = home
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | Forked | None = None
        self.ended = False

    def start(self, status: int = 200) -> None:
        """Start the server and wait until ``/healthz`` answers with this status."""
        self.home.mkdir(parents=True, exist_ok=True)
        command = ["streamlit", "run", str(self.script)]
        command += ["--server.port", str(self.port), "--server.headless", "true"]
        command += ["--server.fileWatcherType", "none"]
        variables = {**os.environ, "WHETSTONE_HOME": str(self.home), "HF_HUB_OFFLINE": "1"}
        with (self.home / "server.log").open("ab") as log:
            self.process = self.spawn(command, variables, log.fileno())
        self.wait(status)

    def spawn(
        self, command: list[str], variables: dict[str, str], log: int
    ) -> subprocess.Popen | Forked:
        """Start what ``python -m COMMAND`` is."""
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # As from a terminal of its own: what asks it is other people's, and has its own share.
            start_new_session=True,
        )

    def wait(self, status: int) -> None:
        """Wait for ``/healthz``; raise RuntimeError with the log when it never answers so."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                    answered = answer.status
            except urllib.error.HTTPError as error:
                answered = error.code
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                answered = 0
            if answered == status:
                return
            time.sleep(0.05)
        raise RuntimeError(f"The server did not start:\n{(self.home / 'server.log').read_text()}")

    def kill(self) -> None:
        """Kill the server at once, as kill -9 does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def workers(self) -> list[psutil.Process]:
        """Return the living workers of this home: each names its run folder last."""
        runs = str(self.home / "runs")
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if (process.info["cmdline"] or [""])[-1].startswith(runs)
        ]

    def end(self) -> None:
        """Kill the server and the workers, which would outlive it; its port is free for another."""
        self.kill()
        self.ended = True
        for process in self.workers():
            # It may end by itself meanwhile.
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def restart(self) -> None:
        """Kill the server and start it again on the same port and home."""
        self.kill()
        self.start()

    def memory_mb(self) -> float:
        """Return the web process's resident memory in megabytes."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20


class ForkedServer(AppServer):
    """A server that need not load Streamlit first."""

    def spawn(self, command: list[str], variables: dict[str, str], log: int) -> Forked:
        """Fork the server from a process that has loaded all that it needs."""
        return fork(command, variables, {"log": log})
