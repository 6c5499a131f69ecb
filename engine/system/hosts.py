"""Names and addresses by which computers go, as browsers and programs write them."""

from __future__ import annotations

import ipaddress
import socket
from functools import cache
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")
PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int]


def is_number(name: str) -> bool:
    """Tell whether a name is an address in numbers."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Tell whether only this computer is reached by a name, or an address in numbers."""
    return name in LOOPBACK or (is_number(name) and ipaddress.ip_address(name).is_loopback)


def is_everywhere(address: str) -> bool:
    """Tell whether a server that listens to an address listens to all that a computer has."""
    return address in EVERYWHERE


@cache
def of_this_computer() -> tuple[str, ...]:
    """Return what the system and its neighbours call this computer; no name server is asked."""
    own = socket.gethostname().lower().rstrip(".")
    short = own.split(".")[0]
    return tuple(dict.fromkeys(name for name in (own, short, f"{short}.local") if name))


def origin(text: str) -> Origin | None:
    """Return scheme, name and port of an origin, None where the text is not exactly one."""
    try:
        parts = urlsplit(text)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme
    if scheme not in PORTS or not name or text.lower() != f"{scheme}://{parts.netloc.lower()}":
        return None
    # A user's name, an empty port or white space: no browser writes an origin so.
    if "@" in parts.netloc or parts.netloc.endswith(":") or not text.isprintable() or " " in text:
        return None
    return scheme, name.rstrip("."), PORTS[scheme] if port is None else port


def url(scheme: str, name: str, port: int) -> str:
    """Return the address of a server."""
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}"
