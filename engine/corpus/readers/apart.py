"""A reader in a process of its own: a large file is read on one core and staged on another."""

from __future__ import annotations

import marshal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType

from engine.corpus.readers.reader import Reader
from engine.formats.common.sources import InputFile
from engine.system.environment import cores
from storage.corpus.drafting import Batch, Drafts
from storage.errors import InputError

ROOT = Path(__file__).parents[3]
# In bytes: a file below is read before another process has started.
LEAST = 8 * 1024**2
_KILLED = (
    "The process that reads the file was ended from outside, perhaps for want of memory: close "
    "other programs, or import a part at a time."
)


def is_worth(source: InputFile) -> bool:
    """Tell a file that is read sooner by a process of its own."""
    is_file = isinstance(source.content, Path) and not source.members
    return is_file and source.size >= LEAST and cores() > 1


def _absolute(source: InputFile | None) -> InputFile | None:
    """Return a file by an address that holds in every folder."""
    if source is None or not isinstance(source.content, Path):
        return source
    return replace(source, content=source.content.absolute())


class Process:
    """Iterate over it once for (bytes read by now, rows); use it as a context, which ends it.

    Then ``reader`` and ``drafts`` are as the process left them. Raises what the reader raised, and
    InputError where the process was killed.
    """

    def __init__(self, reader: Reader, drafts: Drafts) -> None:
        self.reader = replace(reader, source=_absolute(reader.source))
        self.drafts = drafts
        self._connection, theirs = Pipe()
        with theirs:
            descriptor = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.corpus.readers.process", str(descriptor)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[descriptor],
            )

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def __iter__(self) -> Iterator[tuple[int, Batch]]:
        try:
            self._connection.send((self.reader, self.drafts))
            while message := self._connection.recv_bytes():
                yield marshal.loads(message)
            end = self._connection.recv()
        except (EOFError, ConnectionError) as error:
            if self._process.wait() < 0:
                raise InputError(_KILLED) from error
            raise RuntimeError("The process that reads the file failed.") from error
        if isinstance(end, Exception):
            raise end
        self.reader, self.drafts = end
