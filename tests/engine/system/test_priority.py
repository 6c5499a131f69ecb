"""Giving way, beside others that were started in sessions of their own."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.system import priority


def share(process: int) -> int | None:
    """Return the niceness of a session's share of the processor, None where there are none.

    A kernel that could have them and gives none has the file, with nothing in it.
    """
    file = Path(priority.SHARE.format(process=process))
    words = file.read_text().split() if file.exists() else []
    return int(words[-1]) if words else None


@pytest.mark.parametrize("leads", [True, False])
def test_who_leads_a_session_steps_back_with_all_of_it_and_nobody_else(leads: bool) -> None:
    before, mine = os.getpriority(os.PRIO_PROCESS, 0), share(os.getpid())
    with subprocess.Popen(["sleep", "60"], start_new_session=leads) as process:
        priority.lower(process.pid, 4)
        priority.lower(process.pid, 3)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(before + 7, priority.LOWEST)
        if leads and mine is not None:
            assert share(process.pid) == min(before + 7, priority.LOWEST)
        process.kill()
    assert share(os.getpid()) == mine


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process has one niceness")
def test_a_thread_made_before_goes_on_as_it_was_and_hands_on_what_is_returned_and_raised() -> None:
    found: list[int] = []

    def step_back() -> None:
        found.append(os.getpriority(os.PRIO_PROCESS, 0))
        unlowered = priority.UnloweredThread()
        priority.lower_thread(3)
        found.append(os.getpriority(os.PRIO_PROCESS, 0))
        found.append(unlowered.call(os.getpriority, os.PRIO_PROCESS, 0))
        with pytest.raises(ZeroDivisionError):
            unlowered.call(divmod, 1, 0)

    # Lowered for good: not the thread of the tests.
    thread = threading.Thread(target=step_back)
    thread.start()
    thread.join()
    before, lowered, kept = found
    assert lowered == min(before + 3, priority.LOWEST)
    assert kept == before == os.getpriority(os.PRIO_PROCESS, 0)
