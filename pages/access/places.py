"""Addresses of this server, and which of them are open to everybody."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import streamlit as st

LOGIN = "login"
# What a load balancer asks, what the login page shows, and the framework's own code: a page whose
# session has ended still draws with it.
_OPEN = (LOGIN, "healthz", "_stcore/health")
_PUBLIC = re.compile(r"app/static/fonts/[a-z-]+\.woff2|static/(js|css|media)/[\w.-]+")
_BY_PROVIDER = ("auth/login", "auth/logout", "oauth2callback")


def under(path: str) -> str:
    """Return the address of a path below ``server.baseUrlPath``."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{path}" if base else f"/{path}"


def is_open(path: str) -> bool:
    """Tell whether an address is for everybody; all others are for those who signed in."""
    place = path.removeprefix(under(""))
    return place in _OPEN or path == "/healthz" or _PUBLIC.fullmatch(place) is not None


def is_by_provider(path: str) -> bool:
    """Tell whether an address belongs to signing in by a provider."""
    return path.removeprefix(under("")) in _BY_PROVIDER


def within(address: str) -> str:
    """Return an address where it is a page of this server, else that of the first page."""
    home = under("")
    if not address.isprintable() or "\\" in address or not address.startswith(home):
        return home
    # Two slashes begin the name of a server, and what the library takes for a broken one.
    is_elsewhere = address.startswith("//")
    return home if is_elsewhere or urlsplit(address).path == under(LOGIN) else address
