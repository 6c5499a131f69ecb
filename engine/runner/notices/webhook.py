"""A webhook: one JSON object by POST, to an address of http or https and nowhere else."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from storage.errors import InputError

TIMEOUT_SECONDS = 10.0
# What a server answers is not kept; so much of it is read, so that it can finish.
_ANSWER = 65_536


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
    """An alarm goes where it was meant to: no answer sends it elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def send(url: str, payload: Mapping[str, Any], key: str) -> None:
    """Post an object; raise OSError where that did not work, with any answer but 2xx."""
    request = urllib.request.Request(
        check(url),
        data=json.dumps(payload, ensure_ascii=False).encode(),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Whetstone",
            # Who gets it twice can tell.
            "Idempotency-Key": key,
        },
        method="POST",
    )
    # Without the handlers of files and ftp that the usual opener has.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        _NoOtherPlace,
    ):
        opener.add_handler(handler())
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(_ANSWER)
    except HTTPError as error:
        error.close()
        raise OSError(f"the server answered {error.code}") from error
