"""How a process lets others go first."""

from __future__ import annotations

import os
import time
from pathlib import Path

# Steps of work that nobody sits before: where there are few cores the pages get three times as
# much as it, and so does any other program. With ten steps a training beside some busy ones did not
# get past its start in four minutes.
LONG_WORK = 5
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
