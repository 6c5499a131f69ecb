"""A connection to a Ray cluster, or to one of this computer's own for as long as it is needed."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from engine.system import environment
from storage.errors import TrainingError

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "local"
KNOCK_SECONDS = 5.0


@contextmanager
def connected(address: str, cores: int, *needed: str) -> Iterator[None]:
    """Be connected to the cluster at an address ("auto", HOST:PORT, ray://HOST:PORT).

    "local" begins one here, with so many ``cores``. The cluster's machines must see this checkout
    and the home under the same paths. ``needed`` are Ray's own libraries ("serve"). Raises
    TrainingError where none can be used.
    """
    try:
        import ray

        for library in needed:
            import_module(f"ray.{library}")
    except ImportError as problem:
        raise TrainingError(
            "Ray is not installed here as it is needed: install it with pip install "
            "'ray[data,tune,serve]', or leave --ray out."
        ) from problem
    own = {"num_cpus": cores, "include_dashboard": False} if address == LOCAL else {}
    # Ray would tell its agents' metrics; and what workers print belongs to their logs.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        _knock(address)
        ray.init(
            address=address,
            runtime_env={"env_vars": variables()},
            log_to_driver=False,
            logging_level=logging.ERROR,
            **own,
        )
    except (RuntimeError, ValueError, OSError, OverflowError) as problem:
        said = " ".join(str(problem).split())[:300]
        raise TrainingError(
            f"The Ray cluster at {address} cannot be used ({said}): check that it runs, and that "
            "this is one of its machines or the address begins with ray://."
        ) from problem
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise OSError where nobody listens at HOST:PORT; Ray itself would try for many minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_SECONDS).close()


def variables() -> dict[str, str]:
    """Return what the cluster's processes need: where ``engine`` is, and how threads wait."""
    path = f"{Path(sys.executable).parent}:${{PATH}}"
    return {"PYTHONPATH": str(ROOT), "PATH": path, **environment.FIXED, "HF_HUB_OFFLINE": "1"}
