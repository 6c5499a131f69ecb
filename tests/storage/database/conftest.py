"""Other processes on a test's home folder."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def start(home, request, monkeypatch):
    """A function that starts a worker; all are killed at the end."""
    started = []
    if "db" in request.fixturenames and (url := request.getfixturevalue("db").url):
        monkeypatch.setenv("WHETSTONE_DB", url)

    def run(*words: object) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.storage.workers", *map(str, words)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        process.stdout.close()
