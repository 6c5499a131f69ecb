"""What a Ray job runs: ``python -m engine.launchers.cluster [--gpu] PLACE``.

PLACE is a run folder that this machine sees, or the URL of its copy: then the worker gets
a folder of its own here, and what it writes is copied as it comes.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from engine.launchers import ray, shipping
from engine.runs import lock, spec
from engine.system import environment
from storage.errors import InputError, WhetstoneError


def run(place: str, gpu: bool) -> int:
    """Do the run whose folder is at this place; return the exit code."""
    if is_url(place):
        with tempfile.TemporaryDirectory() as parent:
            shipping.fetch_file(spec.FILE, place, Path(parent))
            asked = spec.read(Path(parent))
        if asked.settings.processes == 1:
            return work(place, leads=True)
        ray.gang(place, asked, gpu, f"{place}/{shipping.SCRATCH}")
        return 0
    folder = Path(place)
    held = lock.take(folder)
    try:
        ray.gang(place, spec.read(folder), gpu, str(folder / shipping.SCRATCH))
    finally:
        shutil.rmtree(folder / shipping.SCRATCH, ignore_errors=True)
        os.close(held)
    return 0


def work(place: str, leads: bool) -> int:
    """Run one worker process for this place; with ``leads`` what it writes goes back there."""
    if not is_url(place):
        return start(Path(place))
    with tempfile.TemporaryDirectory(prefix="whetstone-") as parent:
        folder = Path(parent)
        shipping.download(place, folder)
        if not leads:
            return start(folder)
        mirror = shipping.Mirror(folder, place)
        mirror.start()
        try:
            return start(folder)
        finally:
            mirror.finish()


def start(folder: Path) -> int:
    """Run the worker in a folder of this machine and return its exit code."""
    command = [sys.executable, "-m", "engine.worker", str(folder)]
    return subprocess.run(command, stdin=subprocess.DEVNULL).returncode


def is_url(place: str) -> bool:
    """Tell a URL from the path of a folder."""
    return "://" in place


def test(seen: list[str]) -> str:
    """Say what this machine has; raise InputError where it lacks what a worker needs."""
    for folder in seen:
        if not os.access(folder, os.R_OK | os.W_OK):
            raise InputError(
                f"{folder} is not visible on the cluster: share it, or name a storage in Settings."
            )
    try:
        found = {name: metadata.version(name) for name in environment.PACKAGES}
    except metadata.PackageNotFoundError as problem:
        raise InputError(
            f"The cluster's Python lacks {problem.name}: install there what requirements.txt lists."
        ) from problem
    return f"A test job ran there with Python {platform.python_version()}, torch {found['torch']}."


def main(arguments: list[str]) -> int:
    """Check the command line and do what it asks; one sentence on stderr where that fails."""
    try:
        if arguments[:1] == ["--test"]:
            print(test(arguments[1:]))
            return 0
        return run(arguments[-1], "--gpu" in arguments)
    except WhetstoneError as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
