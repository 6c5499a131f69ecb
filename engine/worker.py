"""The worker: ``python -m engine.worker FOLDER`` trains what the folder asks for.

It knows no database. For life it holds a lock on ``FOLDER/worker.lock``, inherited from
whoever started it or taken by itself. The last state event of its attempt is the outcome.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from engine import environment, spec
from engine.events import Cancelled, Events
from engine.spec import RunSpec
from storage.errors import InputError, TrainingError, WhetstoneError

LOCK = "worker.lock"
LOG = "worker.log"
CANCEL = "cancel"
LOCK_VARIABLE = "WHETSTONE_LOCK_FD"
HEARTBEAT = 2.0
GLANCE = 0.1
PATIENCE = 1.5


def hold(folder: Path) -> int:
    """Return a descriptor that holds the folder's lock; raise TrainingError where it is taken."""
    inherited = os.environ.pop(LOCK_VARIABLE, None)
    if inherited is not None:
        descriptor = int(inherited)
        os.set_inheritable(descriptor, False)
        same = os.path.samestat(os.fstat(descriptor), os.stat(folder / LOCK))
        if not same:
            raise TrainingError(f"The lock handed down is not that of {folder}; start it again.")
        return descriptor
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        raise TrainingError(
            f"Another process is already training in {folder}; wait for it or cancel it."
        ) from problem
    return descriptor


class Pulse(threading.Thread):
    """Beats while the worker lives, looks out for the wish to stop, and writes the outcome once.

    Where the training cannot react within its patience (a long batch, a download), the
    pulse ends the process itself: a cancelled run stops within two seconds.
    """

    def __init__(self, folder: Path, events: Events) -> None:
        super().__init__(name="pulse", daemon=True)
        self.stop = threading.Event()
        self._flag, self._events = folder / CANCEL, events
        self._outcome, self._over = threading.Lock(), False

    def run(self) -> None:
        """Beat until there is an outcome."""
        beaten = asked = 0.0
        while not self._over:
            now = time.monotonic()
            if now - beaten >= HEARTBEAT:
                self._events.write("heartbeat")
                beaten = now
            if self.stop.is_set() or self._flag.exists():
                asked = asked or now
                self.stop.set()
                if now - asked > PATIENCE and self.finish("cancelled", "Cancelled."):
                    os._exit(0)
            time.sleep(GLANCE)

    def finish(self, state: str, message: str) -> bool:
        """Write the outcome unless it is written already; return whether it was ours."""
        with self._outcome:
            if self._over:
                return False
            self._events.state(state, message)
            self._over = True
            return True


def set_threads(wanted: int) -> int:
    """Fix the number of threads and how they wait, before torch is loaded; return the number.

    Threads that spin while they wait made training beside a busy process ten times slower.
    """
    count = wanted or environment.cores()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("MKL_DYNAMIC", "FALSE")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(count)
    return count


def train(folder: Path, asked: RunSpec, events: Events, pulse: Pulse) -> str:
    """Train and return the closing sentence."""
    threads = set_threads(asked.settings.threads)
    import torch

    from engine.fitting import fit
    from engine.watching import Watch

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    report = fit(folder, asked, Watch(events, pulse.stop, asked.settings.epochs))
    for split in ("test", "dev"):
        if report[split]:
            return f"F1 {report[split]['entity']['micro']['f1']:.3f} on {split}."
    return "Done; there was no dev or test document to score."


def work(folder: Path) -> int:
    """Run the worker in its folder and return the exit code."""
    lock = hold(folder)
    asked, trouble = read_spec(folder)
    events = Events(folder, asked.attempt if asked else 1)
    pulse = Pulse(folder, events)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: pulse.stop.set())
    events.state("running", "", pid=os.getpid())
    pulse.start()
    try:
        if trouble:
            raise trouble
        ended = pulse.finish("done", train(folder, asked, events, pulse))
    except Cancelled:
        ended = pulse.finish("cancelled", "Cancelled.")
    except Exception as problem:
        with open(folder / LOG, "a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
        pulse.finish("failed", sentence(problem))
        ended = False
    os.close(lock)
    return 0 if ended else 1


def read_spec(folder: Path) -> tuple[RunSpec | None, WhetstoneError | None]:
    """Read the specification; a broken one is told as the run's outcome, not lost."""
    try:
        return spec.read(folder), None
    except WhetstoneError as problem:
        return None, problem


def sentence(problem: Exception) -> str:
    """Say in one sentence what went wrong."""
    text = " ".join(str(problem).split())
    if isinstance(problem, WhetstoneError):
        return text
    name = type(problem).__name__
    return f"{name}: {text or 'no details'} (see {LOG} in the run's folder)."


def main(arguments: list[str]) -> int:
    """Check the command line and work; one sentence on stderr where that is impossible."""
    try:
        if len(arguments) != 1 or not Path(arguments[0]).is_dir():
            raise InputError("Name one run folder that exists: python -m engine.worker FOLDER.")
        return work(Path(arguments[0]).resolve())
    except WhetstoneError as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
