"""The process that reads one large file: ``python -m engine.corpus.readers.process DESCRIPTOR``.

The descriptor is one end of a pipe by which the reader and the drafts come, and the batches go.
When the other end is closed nobody is left to read for, and the process ends at once. It writes
nothing but to the pipe.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection

from engine.corpus.readers.reader import Reader
from storage.corpus.drafting import Drafts


def carry_out(connection: Connection) -> None:
    """Read one file; send (bytes read, rows) again and again, nothing, and what is left or amiss.

    Rows hold strings and numbers only, which `marshal` writes several times as fast as pickle.
    """
    reader, drafts = connection.recv()
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    end: tuple[Reader, Drafts] | Exception
    try:
        for batch in reader.read(drafts):
            connection.send_bytes(marshal.dumps((reader.source.meter.bytes, batch)))
        last = drafts.taken()
        connection.send_bytes(marshal.dumps((reader.source.meter.bytes, last)))
        end = reader.read_out(), drafts
    except Exception as error:
        error.add_note(traceback.format_exc())
        end = error
    connection.send_bytes(b"")
    connection.send(end)


def _end_with(connection: Connection) -> None:
    """Wait for the end of whoever has the other end of the pipe, who says nothing any more."""
    try:
        connection.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def main() -> None:
    """Read one file."""
    # Ctrl+C is for the one who waits; this one sees its pipe close.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Rows come and go by the thousand; what is there already stays.
    gc.freeze()
    gc.set_threshold(50_000)
    carry_out(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
