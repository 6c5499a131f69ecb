"""Workers of this machine whose run was put back into the queue while it was not heard of."""

from __future__ import annotations

from engine.launchers import processes, store, stored
from storage import home
from storage.types import Run


def lingers(run: Run) -> bool:
    """Tell whether the last worker of a queued run is still here; let it end.

    On a folder that machines share the next attempt's number ends it wherever that begins. One
    that works in a folder of this machine's own would not see that number.
    """
    folder = home.run_folder(run.folder)
    if not store.chosen() or not processes.is_held(folder):
        return False
    if stored.attempt_here(folder) <= run.attempt:
        stored.fence(folder)
    return True
