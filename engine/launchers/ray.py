"""Workers on a Ray cluster: a run is a Ray job. The only module that knows Ray, when asked to.

One process is a job of its own, ``python -m engine.worker FOLDER``; several are placed by Ray
Train, from a job that runs ``engine.launchers.cluster``. No lock reaches across machines:
the job's status and the events' heartbeat tell whether a worker lives, and the attempt's
number in ``spec.json`` keeps a late one from writing.

The cluster's Python needs what requirements.txt lists. Where the run folder itself is
visible there, so is this checkout, and ``engine`` is imported from it; otherwise the two
rooms that a worker needs travel with the job.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.launchers import base, needs, shipping
from engine.launchers.base import Cluster, Launch
from engine.launchers.processes import Identity
from engine.runs import spec
from engine.runs.spec import RunSpec
from storage.errors import TrainingError

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("engine", "storage")
WAITING = "PENDING"
ALIVE = (WAITING, "RUNNING")
KNOCK_SECONDS, QUIET_SECONDS, TEST_SECONDS = 3.0, 10.0, 60.0
_silent: dict[str, float] = {}


class Ray:
    """Submits runs to the cluster chosen in Settings, and follows them where they are."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def start(self, folder: Path, asked: RunSpec, gpus: Sequence[str]) -> Identity | None:
        """Submit the run's job; raise TrainingError where the cluster does not take it."""
        asked = needs.fixed(asked)
        spec.write(folder, asked)
        job = f"whetstone-{asked.run}-{asked.attempt}-{secrets.token_hex(4)}"
        storage = self._cluster.storage.rstrip("/")
        place = f"{storage}/{job}" if storage else ""
        if place:
            shipping.upload(folder, place)
        # The note comes first: a job that nobody remembers could not be stopped.
        address = self._cluster.address
        base.write(folder, Launch(asked.attempt, "ray", address=address, job=job, place=place))
        try:
            self._submit(job, place or str(folder), asked)
        except TrainingError:
            if place:
                shipping.clear(place)
            raise
        return None

    def _submit(self, job: str, place: str, asked: RunSpec) -> None:
        alone = asked.settings.processes == 1
        gpu = needs.wants_gpu(asked, self._cluster)
        direct = alone and not self._cluster.storage
        worker = ["engine.worker"] if direct else ["engine.launchers.cluster", *["--gpu"] * gpu]
        place_for = {"entrypoint_num_cpus": asked.settings.threads} if alone else {}
        if alone and gpu:
            place_for["entrypoint_num_gpus"] = 1
        with talking(self._cluster.address) as client, self._code() as code:
            client.submit_job(
                entrypoint=shlex.join(["python", "-m", *worker, place]),
                submission_id=job,
                runtime_env={**code, "env_vars": {**code["env_vars"], **needs.variables(asked)}},
                **place_for,
            )

    @contextmanager
    def _code(self) -> Iterator[dict[str, Any]]:
        """Yield the part of the runtime environment that lets the cluster find ``engine``."""
        if not self._cluster.storage:
            # ${…} is filled in on the cluster; a folder that is not there does no harm.
            path = f"{Path(sys.executable).parent}:${{PATH}}"
            yield {"env_vars": {"PYTHONPATH": str(ROOT), "PATH": path}}
            return
        with tempfile.TemporaryDirectory() as parcel:
            for room in ROOMS:
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / room, Path(parcel) / room, ignore=ignored)
            yield {"working_dir": parcel, "env_vars": {}}

    def is_alive(self, folder: Path) -> bool:
        """Tell whether the job waits or runs; forget a start that the cluster knows nothing of."""
        launch = base.read(folder)
        if launch is None or launch.launcher != "ray":
            return False
        details = find(launch)
        if details is None:
            # Lost before it was submitted, or with the cluster: as if it was never started.
            (folder / base.FILE).unlink()
            return False
        return str(details.status) in ALIVE

    def fetch(self, folder: Path, whole: bool) -> None:
        """Bring home what the worker wrote to the storage; nothing where the folder is shared."""
        launch = base.read(folder)
        if launch and launch.place:
            (shipping.fetch_all if whole else shipping.fetch_events)(folder, launch.place)

    def ask_to_stop(self, folder: Path, wish: str) -> None:
        """Write the flag, and send it after a worker that works elsewhere."""
        launch = base.read(folder)
        if base.flag(folder, wish) and launch and launch.place:
            shipping.send_flag(folder, launch.place)

    def kill(self, folder: Path, process: Identity | None) -> None:
        """Let the cluster end the job."""
        launch = base.read(folder)
        details = find(launch) if launch and launch.job else None
        if launch is None or details is None:
            return
        with talking(launch.address) as client:
            client.stop_job(launch.job)
        if str(details.status) == WAITING:
            # Ray stops a waiting job only when it gets its place: nobody waits for that here.
            if launch.place:
                shipping.clear(launch.place)
            (folder / base.FILE).unlink()

    def last_words(self, folder: Path) -> str:
        """Return the last line of what Ray says about how the job ended."""
        launch = base.read(folder)
        details = find(launch) if launch and launch.job else None
        lines = (details.message or "").strip().splitlines() if details else []
        return lines[-1].strip() if lines else ""

    def test(self, home: Path) -> str:
        """Let the cluster run a small job; say what it found, or raise TrainingError.

        ``home`` is the folder that the cluster must see where no storage is chosen.
        """
        if self._cluster.storage:
            shipping.probe(self._cluster.storage)
        seen = [] if self._cluster.storage else [str(home)]
        _silent.pop(self._cluster.address, None)
        with talking(self._cluster.address) as client, self._code() as code:
            job = client.submit_job(
                entrypoint=shlex.join(
                    ["python", "-m", "engine.launchers.cluster", "--test", *seen]
                ),
                runtime_env=code,
            )
            status = _wait(client, job)
            lines = client.get_job_logs(job).strip().splitlines() or [""]
            client.delete_job(job)
        if status != "SUCCEEDED":
            raise TrainingError(
                f"The cluster at {self._cluster.address} answers, but its test job {status.lower()}"
                f": {lines[-1]}"
            )
        return f"Connected to {self._cluster.address}. {lines[-1]}"


@contextmanager
def talking(address: str) -> Iterator[Any]:
    """Yield a client of the cluster's job server.

    Raises:
        TrainingError: Ray is not installed here, nobody answers, or the answer is no.
    """
    try:
        knock(address)
        yield _client(address)
    except (OSError, RuntimeError, ValueError) as problem:
        _client.cache_clear()
        said = " ".join(str(problem).split())[:300]
        raise TrainingError(
            f"The Ray cluster at {address} cannot be used ({said}): check the address in Settings "
            "and that the cluster runs."
        ) from problem


def knock(address: str) -> None:
    """Raise OSError where nobody listens; Ray's own client would wait without end.

    An address that did not answer is left alone for some seconds, because whoever asks has
    other runs to look after.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address is like http://127.0.0.1:8265")
    if time.monotonic() - _silent.get(address, -QUIET_SECONDS) < QUIET_SECONDS:
        raise ConnectionError("nobody answers")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname, port), timeout=KNOCK_SECONDS).close()
    except OSError:
        _silent[address] = time.monotonic()
        raise


@lru_cache(maxsize=4)
def _client(address: str) -> Any:
    try:
        from ray.job_submission import JobSubmissionClient
    except ImportError as problem:
        raise TrainingError(
            "Ray is not installed here: install it with pip install 'ray[default,train]', or "
            "choose this computer in Settings."
        ) from problem
    return JobSubmissionClient(address)


def find(launch: Launch) -> Any | None:
    """Return what the cluster knows about a job; None where it knows no such job."""
    with talking(launch.address) as client:
        try:
            return client.get_job_info(launch.job)
        except RuntimeError as problem:
            if "status code 404" not in str(problem):
                raise
            return None


def _wait(client: Any, job: str) -> str:
    deadline = time.monotonic() + TEST_SECONDS
    while time.monotonic() < deadline:
        status = str(client.get_job_status(job))
        if status not in ALIVE:
            return status
        time.sleep(0.2)
    client.stop_job(job)
    raise TrainingError(
        f"The cluster's test job did not end within {TEST_SECONDS:.0f} s: see the cluster's "
        "dashboard for what it waits for."
    )


def gang(place: str, asked: RunSpec, gpu: bool, scratch: str) -> None:
    """On the cluster: let Ray Train place the run's processes, and wait for their end.

    ``scratch`` is where Ray Train keeps its own notes meanwhile, seen by every node.
    """
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    each = {"CPU": asked.settings.threads, **({"GPU": 1} if gpu else {})}
    count = asked.settings.processes
    TorchTrainer(
        _member,
        train_loop_config={"place": place},
        scaling_config=ScalingConfig(num_workers=count, use_gpu=gpu, resources_per_worker=each),
        run_config=RunConfig(name="whetstone", storage_path=scratch),
        # Only for the processes to find each other; their workers form a group of their own.
        torch_config=TorchConfig(backend="gloo"),
    ).fit()


def _member(config: dict) -> None:
    """Be one of the run's processes: a worker of its own, so that it is the same as elsewhere.

    In this process torch was loaded before a worker's environment was set, and a worker
    that ends itself, as a cancelled one does, would take Ray's actor along.
    """
    from torch import distributed

    from engine.launchers import cluster

    meeting = [json.dumps([os.environ["MASTER_ADDR"], _free_port()])]
    distributed.broadcast_object_list(meeting)
    address, port = json.loads(meeting[0])
    os.environ |= {"MASTER_ADDR": address, "MASTER_PORT": str(port), "WHETSTONE_LOCK_HELD": "1"}
    code = cluster.work(config["place"], leads=distributed.get_rank() == 0)
    if code:
        raise TrainingError(f"A process of the run ended with code {code}.")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("", 0))
        return free.getsockname()[1]
