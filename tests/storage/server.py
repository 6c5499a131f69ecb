"""A PostgreSQL server of the tests' own, which they may kill and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from storage.engines.own_server import program
from tests.workers.ports import free_port

# .ci/run sets WHETSTONE_REQUIRE_POSTGRES: there, a test without its server fails.
needs_postgres = pytest.mark.skipif(
    not os.environ.get("WHETSTONE_REQUIRE_POSTGRES")
    and not (program("initdb") and find_spec("psycopg")),
    reason="needs a PostgreSQL server's programs and psycopg",
)


@contextmanager
def installed() -> Iterator[Server]:
    """A server that is not started yet; at the end it is killed, and all that it stored goes.

    It lies where the tests' folders do, in memory: every test copies and drops a database of
    some thousand files, which takes a disk half a second. Not in pytest's own folder, into which
    only its own user may look.
    """
    where = os.environ.get("PYTEST_DEBUG_TEMPROOT")
    with tempfile.TemporaryDirectory(prefix="whetstone-pg-", dir=where) as folder:
        made = Server(Path(folder))
        try:
            yield made
        finally:
            if made.process:
                made.kill()


class Server:
    """A server on a free port of this computer, its data in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        # PostgreSQL does not run as root.
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(folder, self.user)
        words = ["-D", str(folder / "data"), "-A", "trust", "-U", "whetstone", "-E", "UTF8"]
        self._run(["initdb", *words, "--no-sync", "--locale=C"]).wait()

    @property
    def url(self) -> str:
        return self.database("postgres")

    def database(self, name: str) -> str:
        """Return the URL of one of the server's databases."""
        return f"postgresql://whetstone@127.0.0.1:{self.port}/{name}"

    def start(self, *settings: str) -> None:
        """Start the server, with settings as ``name=value``, and wait until it answers."""
        more = [word for each in settings for word in ("-c", each)]
        words = ["-D", str(self.folder / "data"), "-p", str(self.port), "-h", "127.0.0.1"]
        self.process = self._run(["postgres", *words, "-k", str(self.folder), "-F", *more])
        deadline = time.monotonic() + 240
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("The PostgreSQL server did not start.")
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server at once, as a crash would: every connection breaks off."""
        assert self.process
        # SIGQUIT is the "immediate" stop; after -9 its children would hold shared memory.
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=240)
        self.process = None

    def kill_9(self) -> None:
        """Kill the server and all its processes with -9, as a lack of memory would."""
        assert self.process
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        for each in family:
            # A backend ends by itself once its connection or the server is gone.
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.wait(timeout=240)
        psutil.wait_procs(family, timeout=240)
        self.process = None

    def kill_backend(self) -> None:
        """Kill the process of one connection with -9: the server ends all others, and recovers."""
        assert self.process
        for each in psutil.Process(self.process.pid).children():
            if " 127.0.0.1" in " ".join(each.cmdline()):
                each.kill()
                return
        raise AssertionError("nobody is connected")

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=30).close()
        except psycopg.OperationalError:
            # Not there yet, or still recovering from the last end.
            return False
        return True

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        path = program(command[0])
        assert path, f"PostgreSQL's {command[0]} is not installed (Debian: apt install postgresql)."
        return subprocess.Popen(
            [path, *command[1:]],
            user=self.user if os.geteuid() == 0 else None,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
