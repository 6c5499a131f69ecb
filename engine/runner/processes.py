"""Worker processes: start one, tell whether it lives, end it, and never hit another.

A worker holds an exclusive lock on ``FOLDER/worker.lock`` for life. The lock is taken
before the worker exists and handed down to it, so there is no moment at which a started
run looks dead. Signals go only to a process whose pid, start time and boot all match.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from storage.errors import TrainingError

ROOT = Path(__file__).resolve().parents[2]
LOCK_NAME = "worker.lock"


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one process from every other, also after its pid was given away again."""

    pid: int
    started: float
    boot: str


def boot_id() -> str:
    """Name this boot of the machine."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else str(int(psutil.boot_time()))


def identify(pid: int) -> Identity:
    """Describe the living process ``pid``; its children and ours may outlive the pid itself."""
    return Identity(pid, psutil.Process(pid).create_time(), boot_id())


def lives(identity: Identity) -> bool:
    """Tell whether exactly this process still runs; a zombie is dead."""
    if identity.boot != boot_id():
        return False
    try:
        process = psutil.Process(identity.pid)
        same = abs(process.create_time() - identity.started) < 0.01
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_held(folder: Path) -> bool:
    """Tell whether a worker holds the run folder, by trying its lock."""
    path = folder / LOCK_NAME
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def start_worker(folder: Path) -> subprocess.Popen:
    """Start ``python -m engine.worker FOLDER`` in a session of its own.

    Raises:
        TrainingError: another worker holds the folder.
    """
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with (folder / "worker.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "engine.worker", str(folder)],
                cwd=ROOT,
                env=worker_environment(descriptor),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(descriptor,),
                start_new_session=True,
            )
    except BlockingIOError as error:
        raise TrainingError(
            f"Another process is already training in {folder}; wait for it or cancel it."
        ) from error
    finally:
        os.close(descriptor)


def worker_environment(lock: int) -> dict[str, str]:
    """Return the worker's environment: threads that sleep rather than spin, and its lock."""
    return {
        **os.environ,
        "WHETSTONE_LOCK_FD": str(lock),
        "OMP_WAIT_POLICY": "PASSIVE",
        "MKL_DYNAMIC": "FALSE",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
    }


def kill(identity: Identity) -> bool:
    """End the worker and its own process group at once; return whether there was one."""
    if not lives(identity):
        return False
    if os.getpgid(identity.pid) == identity.pid:
        os.killpg(identity.pid, signal.SIGKILL)
    else:
        os.kill(identity.pid, signal.SIGKILL)
    return True
