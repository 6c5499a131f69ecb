"""Ports for the tests' own servers, which nobody else is given by chance."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

# Below what systems hand out: a port from there may be a stranger's before a server has begun.
RANGE = (20_000, 32_000)
_choose = random.SystemRandom()


def free_port() -> int:
    """Return a port of this computer that nobody listens on."""
    while True:
        port = _choose.randrange(*RANGE)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
