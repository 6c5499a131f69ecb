"""How a process lets others go first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Steps of work that nobody sits before: where there are few cores the pages get three times as
# much as it, and so does any other program. With ten steps a training beside some busy ones did not
# get past its start in four minutes.
LONG_WORK = 5
# So many more where people sign in: with five alone the saves of twenty people took three times as
# long, and the training had no more of the processor for it.
BESIDE_OTHERS = 5
SHARE = "/proc/{process}/autogroup"
LOWEST = 19
# Linux lets users change one only so often.
TRIES, PAUSE_SECONDS = 5, 0.1


def lower(process: int, steps: int) -> None:
    """Let others go before a process, by so many steps of niceness.

    On Linux a session of its own gets its share of the processor as one, whatever the niceness
    within: where the process leads one, the whole session steps back.
    """
    niceness = min(os.getpriority(os.PRIO_PROCESS, process) + steps, LOWEST)
    os.setpriority(os.PRIO_PROCESS, process, niceness)
    share = Path(SHARE.format(process=process))
    if os.getsid(process) == process and share.exists():
        _write(share, niceness)


def lower_thread(steps: int) -> None:
    """Let others go before the calling thread and those that it starts, by so many steps.

    Linux gives each thread a niceness of its own; elsewhere the whole process steps back.
    """
    niceness = min(os.getpriority(os.PRIO_PROCESS, 0) + steps, LOWEST)
    os.setpriority(os.PRIO_PROCESS, 0, niceness)


class Calls(Protocol):
    """Calls a function, somewhere."""

    def __call__(self, act: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T: ...


class UnloweredThread:
    """A thread that goes on as before when the one that makes it steps back.

    In it stands what holds a lock that others want: who is run seldom would keep it long, and all
    of them waiting (priority inversion; Lampson and Redell, 1980).
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "unlowered")
        # A thread has the niceness of the one that starts it, which happens with the first task.
        self._pool.submit(int).result()

    def call(self, act: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
        """Return what a function returns, called in the thread; raises what that raises."""
        return self._pool.submit(copy_context().run, partial(act, *args, **options)).result()


def call(act: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
    """Call a function where one is: what a process does that has not stepped back."""
    return act(*args, **options)


def _write(share: Path, niceness: int) -> None:
    for attempt in range(TRIES):
        try:
            share.write_text(str(niceness), encoding="ascii")
            return
        except BlockingIOError:
            # Another process changed its own just now.
            time.sleep(PAUSE_SECONDS * (attempt + 1))
        except OSError:
            # A kernel that has them and does not let us: then the process itself steps back.
            return
