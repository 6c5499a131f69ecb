"""A real Ray cluster on this machine, for as long as the tests of a session need it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.ports import free_port

STARTING_SECONDS = 300


@pytest.fixture(scope="module")
def ray_address() -> Iterator[str]:
    """The address of a cluster with two CPUs; skipped only where Ray is not installed."""
    pytest.importorskip("ray")
    # Sockets live in this folder, and their paths may not be long: pytest's own are.
    folder = tempfile.mkdtemp(prefix="ray")
    gcs, dashboard, agent = (free_port() for _ in range(3))
    variables = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for name in ("RAY_ADDRESS", "RAY_API_SERVER_ADDRESS"):
        variables.pop(name, None)
    command = ["ray", "start", "--head", "--num-cpus", "2", "--num-gpus", "0", "--block"]
    command += ["--port", str(gcs), "--dashboard-port", str(dashboard)]
    command += ["--dashboard-agent-listen-port", str(agent), "--include-dashboard", "true"]
    command += ["--min-worker-port", "0", "--max-worker-port", "0"]
    command += ["--disable-usage-stats", "--temp-dir", folder]
    with open(Path(folder) / "start.log", "wb") as log:
        head = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
    try:
        wait_for_jobs_server(f"http://127.0.0.1:{dashboard}", head, Path(log.name))
        yield f"http://127.0.0.1:{dashboard}"
    finally:
        # With --block, everything that belongs to this cluster ends with its head.
        head.terminate()
        try:
            head.wait(20)
        except subprocess.TimeoutExpired:
            head.kill()
            head.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_for_jobs_server(address: str, head: subprocess.Popen, log: Path) -> None:
    """Wait until the cluster takes jobs."""
    import time

    from ray.job_submission import JobSubmissionClient

    deadline = time.monotonic() + STARTING_SECONDS
    while True:
        assert head.poll() is None, log.read_text()
        try:
            JobSubmissionClient(address).list_jobs()
            return
        except (OSError, RuntimeError):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)
