"""The sockets that the server listens on: what it writes goes out at once."""

from __future__ import annotations

import os
import socket

import psutil


def send_at_once() -> None:
    """Let no answer wait until a browser has acknowledged the one before (Nagle's algorithm).

    asyncio asks for that where a socket names its protocol, which Streamlit's does not: of every
    answer in two parts, and of a page's messages, the second came 40 ms late. What a listening
    socket accepts takes over its settings.
    """
    for known in psutil.Process().net_connections("tcp"):
        if known.status == psutil.CONN_LISTEN and known.fd >= 0:
            with socket.socket(fileno=os.dup(known.fd)) as listening:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
