"""HTTP requests of ours: to the address that somebody named, and to no other place."""

from __future__ import annotations

import urllib.request
from typing import Any
from urllib.parse import urlsplit

from storage.errors import InputError

AGENT = "Whetstone"


def check(url: str) -> str:
    """Return the address; raise InputError where it is none that can be asked."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = None
    if not known or any(ord(sign) <= 32 for sign in url) or len(url) > 500:
        raise InputError(f"{url[:80]!r} is no address of http:// or https://: correct it.")
    return url


class _NoOtherPlace(urllib.request.HTTPRedirectHandler):
    """What is sent goes where it was meant to: no answer sends it elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def opener() -> urllib.request.OpenerDirector:
    """Return what opens addresses of http and https, without files, ftp, proxies and redirects.

    It raises HTTPError for every answer but 2xx.
    """
    made = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        _NoOtherPlace,
    ):
        made.add_handler(handler())
    return made
