"""What every test gets: a home folder of its own, never the user's."""

from __future__ import annotations

import gc
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests import statements
from tests.workers.forking import ASKED

# Threads that spin while they wait make tiny models a hundred times slower on a busy machine;
# read once, when torch is loaded, which the first folder of all may do.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MEMORY = Path("/dev/shm")
ROOM = 2**31


# A machine that other tests share is sometimes slow; a test is not wrong for that.
settings.register_profile("patient", deadline=None)
# `make test` tries the same examples everywhere, so that what passes here passes there, and
# no hundred that it tried yesterday; `make test-long` and a single file look for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("patient")


# Python looks for circles after every 700 new objects, and pages make them by the hundred thousand.
COLLECTED_AFTER = (20_000, 20, 50)


def pytest_configure() -> None:
    """Put the tests' folders into memory where there is room, and look for circles less often.

    SQLite waits for the disk at every commit, which tests make by the ten thousand. A process
    that is killed loses nothing of a file in memory either, and more than that no test looks at.
    """
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    gc.set_threshold(*COLLECTED_AFTER)
    # Testers that work side by side have this from the one that starts them.
    os.environ.setdefault(ASKED, str(os.getpid()))
    statements.share()


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Have what a worker asks before each test sent at once.

    It writes twice to the counter of repetitions before it reads. TCP keeps the second back until
    the first is confirmed, which takes 40 ms: longer than most tests.
    """
    line = getattr(getattr(session.config, "failures_db", None), "sock", None)
    if line is not None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def pytest_collection_finish() -> None:
    """Never look through what stays to the end: five thousand tests and all that they import.

    That alone was a third of the time of the pages' tests.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep user data in a temporary folder, offline."""
    folder = tmp_path / "home"
    monkeypatch.setenv("WHETSTONE_HOME", str(folder))
    monkeypatch.setenv("WHETSTONE_MACHINE", str(tmp_path / "machine"))
    monkeypatch.delenv("WHETSTONE_DB", raising=False)
    monkeypatch.delenv("WHETSTONE_STORE", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file, made once: the migrations take as long as a small test."""
    from storage.database.connection import Database

    path = tmp_path_factory.mktemp("migrated") / "whetstone.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def new_home(home: Path, migrated: Path) -> Path:
    """The home folder after its first use: with an empty database."""
    return furnish(home, migrated)


def furnish(home: Path, database: Path) -> Path:
    """Make a home folder with a copy of a closed database."""
    home.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(database, home / "whetstone.db")
    return home


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Let a test leave a sentence in the summary: what it measured, how much it tried."""
    return lambda sentence: record_property("said", sentence)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests said, also where other processes ran them, and what failed at first."""
    said = [
        str(value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == "said"
    ]
    if said:
        terminalreporter.section("said by the tests")
        for sentence in said:
            terminalreporter.line(sentence)
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"failed at first: {report.nodeid}")
        terminalreporter.line(report.longreprtext)
