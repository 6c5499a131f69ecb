"""What the server writes goes out at once, whoever has opened its socket."""

import socket

from engine.system import sockets


def test_whoever_is_accepted_gets_what_is_written_at_once() -> None:
    # As Streamlit opens it: without a protocol's name.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        sockets.send_at_once()
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
