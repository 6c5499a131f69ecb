"""By which names this server goes, and where others find it.

A page of a stranger's can have its own name lead here (DNS rebinding), so a name is known before
it counts. An address in numbers cannot be made to lead anywhere: on a server that is open to
others it counts.
"""

from __future__ import annotations

import socket

import streamlit as st

from engine.system import shell
from engine.system.hosts import LOOPBACK, is_everywhere, is_loopback, is_number, of_this_computer
from pages.access import session
from storage.accounts import reach

OPEN_LINE = (
    "The connection is not encrypted: whoever is on its way can read passwords and texts. The "
    "README says how to change that (Several people)."
)
NO_ACCOUNT = (
    "Nobody has an account yet, so only this computer is answered, at {here}. Make the first "
    "admin there (Settings, People), or in a shell: "
    f"{shell.ENGINE} users add NAME --role admin."
)


def is_open() -> bool:
    """Tell whether this server listens to other computers."""
    address = st.get_option("server.address") or ""
    return not is_loopback(address)


def is_ours(name: str) -> bool:
    """Tell whether this server goes by a name, or an address in numbers."""
    if listed := st.get_option("server.allowedHosts"):
        return any(_matches(name, each) for each in listed)
    if name in LOOPBACK or name in reach.read().names:
        return True
    return is_open() and (is_number(name) or name in of_this_computer())


def for_others() -> list[str]:
    """Return the addresses that others type, those that are most likely to work first."""
    address = st.get_option("server.address") or ""
    everywhere = not address or is_everywhere(address)
    found = [*reach.read().names, *(_numbers() if everywhere else [address])]
    return [_url(name) for name in [*found, *(of_this_computer()[:1] if everywhere else ())]]


def told() -> str:
    """Return what follows from being open to others, for whoever starts the server; "" if not."""
    if not is_open():
        return ""
    lines = ["Other computers reach this server, at " + " or ".join(for_others()) + "."]
    asked = session.is_required()
    lines.append("Everybody signs in." if asked else NO_ACCOUNT.format(here=_url("localhost")))
    if not is_encrypted():
        lines.append(OPEN_LINE)
    return "\n".join(lines)


def is_encrypted() -> bool:
    """Tell whether this server has a certificate of its own."""
    return bool(st.get_option("server.sslCertFile"))


def _url(name: str) -> str:
    host = f"[{name}]" if ":" in name else name
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    place = f"{host}:{st.get_option('server.port')}" + (f"/{base}" if base else "")
    return f"{'https' if is_encrypted() else 'http'}://{place}"


def _numbers() -> list[str]:
    """Return the addresses of this computer that others on its networks reach."""
    import psutil

    found = [
        each.address
        for addresses in psutil.net_if_addrs().values()
        for each in addresses
        if each.family is socket.AF_INET
    ]
    return [each for each in found if not (is_loopback(each) or each.startswith("169.254."))]


def _matches(name: str, pattern: str) -> bool:
    pattern = pattern.strip().lower().rstrip(".")
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in ("*", name)
