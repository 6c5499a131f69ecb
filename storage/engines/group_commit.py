"""One wait for the disk for all who committed meanwhile.

SQLite waits for the disk while it holds the right to write: where the disk takes long, because
a training saves its weights there, everybody waits in turn. Here what is committed is in the log
when the right goes on to the next, and is acknowledged once the log is on the disk: one wait is
enough for all that was committed before it began (group commit; Gawlick and Kinkade, "Varieties of
concurrency control in IMS/VS Fast Path", 1985).

What one reads that another one has committed may be lost by a power cut until then, with all that
came after it: the log is read up to its first frame that is not whole. So nothing is ever on the
disk of which something earlier is not.
"""

from __future__ import annotations

import os
import threading
from itertools import count
from pathlib import Path

from storage.engines import driver_errors


class GroupCommit:
    """Waits until a file's write-ahead log is on the disk; for many threads of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = Path(f"{path}-wal")
        self._waiting = threading.Lock()
        self._tickets = count(1)
        self._newest = self._done = 0

    def wait(self) -> None:
        """Return once all that this process has committed is on the disk.

        Raises StorageError where the disk refuses: what was committed may not survive a power cut.
        """
        # Two who take theirs at once may leave the lesser one here: then one wait more is made.
        self._newest = ticket = next(self._tickets)
        with self._waiting:
            if self._done >= ticket:
                return
            newest = self._newest
            with driver_errors.of_file(self._path):
                self._sync()
            self._done = newest

    def _sync(self) -> None:
        try:
            log = os.open(self._log, os.O_RDWR)
        except FileNotFoundError:
            # The last who had it open has copied it into the database, which is on the disk since.
            return
        try:
            # The time of the change is not waited for; macOS has no call for that.
            (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(log)
        finally:
            os.close(log)
