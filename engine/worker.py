"""The worker: ``python -m engine.worker FOLDER`` does what the folder asks for.

It knows no database. For life it holds a lock on ``FOLDER/worker.lock``, inherited from
whoever started it or taken by itself. The last state event of its attempt is the outcome.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from engine.jobs import kinds
from engine.runs import lock, spec
from engine.runs.events import Cancelled, Events, Silence
from engine.runs.fence import Fence, Superseded
from engine.runs.spec import RunSpec
from engine.system import environment
from engine.system.failures import is_failure
from engine.system.parent import die_with_parent
from storage.errors import InputError, TrainingError, WhetstoneError

LOCK = lock.NAME
LOG = "worker.log"
CANCEL = "cancel"
LOCK_VARIABLE = "WHETSTONE_LOCK_FD"
HELD_VARIABLE = "WHETSTONE_LOCK_HELD"
HEARTBEAT = 2.0
GLANCE = 0.1
PATIENCE = 1.5
KEEP = "keep"
SUPERSEDED = 3
BEREFT = "Another of the run's processes ended, so it cannot go on; resume it."


def hold(folder: Path) -> int:
    """Return a descriptor that holds the folder's lock; raise TrainingError where it is taken."""
    if os.environ.get(HELD_VARIABLE):
        # The launcher of several processes holds it for them, and they must not outlive it.
        die_with_parent()
        return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    inherited = os.environ.pop(LOCK_VARIABLE, None)
    if inherited is not None:
        descriptor = int(inherited)
        os.set_inheritable(descriptor, False)
        same = os.path.samestat(os.fstat(descriptor), os.stat(folder / LOCK))
        if not same:
            raise TrainingError(f"The lock handed down is not that of {folder}; start it again.")
        return descriptor
    return lock.take(folder)


class Pulse(threading.Thread):
    """Beats while the worker lives, looks out for the wish to stop, and writes the outcome once.

    Where the training cannot react within its patience (a long batch, a download), the
    pulse ends the process itself: a cancelled run stops within two seconds.
    """

    def __init__(self, folder: Path, events: Events, fence: Fence | None = None) -> None:
        super().__init__(name="pulse", daemon=True)
        self.stop, self.keep = threading.Event(), threading.Event()
        self._bereft = threading.Event()
        self._flag, self._events, self._fence = folder / CANCEL, events, fence
        self._outcome, self._over = threading.Lock(), False

    def run(self) -> None:
        """Beat until there is an outcome."""
        try:
            self._beat()
        except Superseded as problem:
            print(problem, file=sys.stderr)
            os._exit(SUPERSEDED)

    def _beat(self) -> None:
        beaten = asked = 0.0
        while not self._over:
            now = time.monotonic()
            if now - beaten >= HEARTBEAT:
                self._events.write("heartbeat")
                beaten = now
            self._look()
            if self._bereft.is_set() and self.finish("failed", BEREFT):
                os._exit(1)
            if self.stop.is_set():
                asked = asked or now
                if now - asked > PATIENCE and self.finish("cancelled", "Cancelled."):
                    os._exit(0)
            time.sleep(GLANCE)

    def hear(self) -> None:
        """Stop at a signal; where a launcher sends it unasked, another process of the run died."""
        alone = not os.environ.get(HELD_VARIABLE)
        (self.stop if alone or self._flag.exists() else self._bereft).set()

    def _look(self) -> None:
        """Read the wish to stop, if there is one: at once, or with the best model kept."""
        try:
            wish = self._flag.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            # Whatever it is, something stands where a wish to stop would.
            wish = ""
        if wish != KEEP:
            self.stop.set()
        elif not self.keep.is_set():
            self.keep.set()
            self._events.log("Stopping here; the best model so far is kept and tested.")

    def permit(self) -> None:
        """Raise Superseded where the folder belongs to another attempt by now."""
        if self._fence:
            self._fence.check()

    def finish(self, state: str, message: str) -> bool:
        """Write the outcome unless it is written already; return whether it was ours."""
        with self._outcome:
            if self._over:
                return False
            self._events.state(state, message)
            self._over = True
            return True


def do(folder: Path, asked: RunSpec, events: Events, pulse: Pulse) -> str:
    """Do what the run's kind stands for, and return the closing sentence."""
    threads = environment.prepare(asked.settings.threads, asked.environment)
    import torch

    from engine.training.callbacks import Watch

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    watch = Watch(events, pulse.stop, asked.settings.epochs, pulse.keep)
    return kinds.load(kinds.get(asked.kind).job)(folder, asked, watch, pulse.permit)


def work(folder: Path) -> int:
    """Run the worker in its folder and return the exit code."""
    if int(os.environ.get("RANK", "0")):
        return follow(folder)
    held = hold(folder)
    asked, trouble = read_spec(folder)
    fence = Fence(folder, asked.attempt) if asked else None
    events = Events(folder, asked.attempt if asked else 1, fence.check if fence else lambda: None)
    pulse = Pulse(folder, events, fence)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: pulse.hear())
    try:
        events.state("running", "", pid=os.getpid())
        pulse.start()
        ended = attempt(folder, asked, trouble, events, pulse)
    except Superseded as problem:
        print(problem, file=sys.stderr)
        return SUPERSEDED
    os.close(held)
    return 0 if ended else 1


def attempt(
    folder: Path,
    asked: RunSpec | None,
    trouble: WhetstoneError | None,
    events: Events,
    pulse: Pulse,
) -> bool:
    """Do the run and write its outcome; return whether that is a good one and ours."""
    try:
        if trouble:
            raise trouble
        assert asked, "without trouble it was read"
        return pulse.finish("done", do(folder, asked, events, pulse))
    except Superseded:
        raise
    except Cancelled:
        return pulse.finish("cancelled", "Cancelled.")
    except BaseException as problem:
        if not is_failure(problem):
            raise
        with open(folder / LOG, "a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
        pulse.finish("failed", sentence(problem))
        return False


def follow(folder: Path) -> int:
    """Work as one of the processes that do not lead: share the work, write nothing."""
    die_with_parent()
    silent = Pulse(folder, Silence())
    asked = spec.read(folder)
    do(folder, asked, Silence(), silent)
    return 0


def read_spec(folder: Path) -> tuple[RunSpec | None, WhetstoneError | None]:
    """Read the specification; a broken one is told as the run's outcome, not lost."""
    try:
        return spec.read(folder), None
    except WhetstoneError as problem:
        return None, problem


def sentence(problem: BaseException) -> str:
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
        code = work(Path(arguments[0]).resolve())
    except WhetstoneError as problem:
        print(problem, file=sys.stderr)
        return 1
    if code == 0 and "torch" in sys.modules:
        leave_group()
    return code


def leave_group() -> None:
    """Leave the group of processes, if any: its threads abort a Python that ends around them."""
    from engine.training import distributed

    distributed.leave()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
