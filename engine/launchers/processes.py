"""Processes of this machine: tell whether one lives, end it, and never hit another.

Signals go only to a process whose pid, start and boot all match. A start is told in seconds
since the boot, which nobody can set: the time of day is moved, by people and by servers.
"""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.runs.lock import NAME as LOCK_NAME

# No machine has been up for thirty years: from here on a start counts from 1970.
EPOCH = 1e9
# What the clock may have been moved by since such a start was written. A pid is not given
# away again so soon.
CLOCK_STEP = 5.0
TICK = 0.001


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one process from every other, also after its pid was given away again."""

    pid: int
    started: float
    """Seconds since the boot; since 1970 where Whetstone 0.3 wrote it, or there is no /proc."""
    boot: str


def boot_id() -> str:
    """Name this boot of the machine."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else str(int(psutil.boot_time()))


def identify(pid: int) -> Identity:
    """Describe the living process ``pid``; its children and ours may outlive the pid itself."""
    return Identity(pid, _started(pid), boot_id())


def lives(identity: Identity) -> bool:
    """Tell whether exactly this process still runs; a zombie is dead."""
    if identity.boot != boot_id():
        return False
    try:
        process = psutil.Process(identity.pid)
        return _is_same(process, identity) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_same(process: psutil.Process, identity: Identity) -> bool:
    if identity.started < EPOCH:
        return abs(_started(process.pid) - identity.started) < TICK
    return abs(process.create_time() - identity.started) < CLOCK_STEP


def _started(pid: int) -> float:
    """Return when a process began, in seconds since the boot where the system tells that."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return psutil.Process(pid).create_time()
    # The name, which is in brackets, may hold spaces and brackets; the start is field 22.
    return int(status.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")


def is_held(folder: Path) -> bool:
    """Tell whether a worker holds the run folder, by trying its lock."""
    path = folder / LOCK_NAME
    if not path.is_file():
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def kill(identity: Identity) -> bool:
    """End the process, its group and its children at once; return whether there was one."""
    if not lives(identity):
        return False
    children: list[psutil.Process] = []
    # Any of them may end by itself meanwhile.
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        # Listed before their parent goes: torchrun puts each of its workers in its own session.
        children = psutil.Process(identity.pid).children(recursive=True)
        whole_group = os.getpgid(identity.pid) == identity.pid
        (os.killpg if whole_group else os.kill)(identity.pid, signal.SIGKILL)
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    return True
