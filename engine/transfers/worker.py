"""The process of one import or export: ``python -m engine.transfers.worker DESCRIPTOR``.

The descriptor is one end of a pipe by which the order comes and the states go. When the other
end is closed, which is when the server is gone, however that came about, it ends at once: an
open transaction is taken back by the database, and a stage has no name on the disk.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from typing import Any

from engine.system import priority
from engine.transfers.state import Order, Phase, State, StoppedError
from storage.errors import WhetstoneError

STOP = "stop"
FAULT = "Something went wrong that should not have: a fault of Whetstone. Nothing was changed."


class Pipe:
    """The process's end of the pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wishes: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self.order: Order = connection.recv()
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, state: State) -> None:
        """Send a state; raises StoppedError where somebody asked for the end."""
        if self._stopped.is_set():
            raise StoppedError
        self.send(state)

    def send(self, state: State) -> None:
        """Send a state that nothing can follow any more."""
        self._connection.send(state)

    def wait(self) -> Any:
        """Return what is wanted next; raises StoppedError likewise."""
        wish = self._wishes.get()
        if wish == STOP:
            raise StoppedError
        return wish

    def _listen(self) -> None:
        while True:
            try:
                wish = self._connection.recv()
            except (EOFError, OSError):
                # Nobody is left to work for.
                os._exit(1)
            if wish == STOP:
                self._stopped.set()
            self._wishes.put(wish)


def carry_out(pipe: Pipe) -> State:
    """Do what was ordered and return its last state."""
    try:
        return State(Phase.DONE, result=pipe.order.carry_out(pipe))
    except StoppedError:
        return State(Phase.STOPPED)
    except WhetstoneError as error:
        return State(Phase.FAILED, message=str(error))
    except MemoryError:
        return State(Phase.FAILED, message="There is too little memory: import a part at a time.")
    except Exception:
        # The window in which the server was started shows it; the page says that it was ours.
        traceback.print_exc()
        return State(Phase.FAILED, message=FAULT)


def main() -> None:
    """Carry out one order."""
    priority.lower(os.getpid(), priority.LONG_WORK)
    pipe = Pipe(Connection(int(sys.argv[1])))
    pipe.send(carry_out(pipe))


if __name__ == "__main__":
    main()
