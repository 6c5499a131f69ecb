"""A webhook: one JSON object by POST, to an address of http or https and nowhere else."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError

from engine.system import web

TIMEOUT_SECONDS = 10.0
# What a server answers is not kept; so much of it is read, so that it can finish.
_ANSWER = 65_536


def send(url: str, payload: Mapping[str, Any], key: str) -> None:
    """Post an object; raise OSError where that did not work, with any answer but 2xx."""
    request = urllib.request.Request(
        web.check(url),
        data=json.dumps(payload, ensure_ascii=False).encode(),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": web.AGENT,
            # Who gets it twice can tell.
            "Idempotency-Key": key,
        },
        method="POST",
    )
    try:
        with web.opener().open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(_ANSWER)
    except HTTPError as error:
        error.close()
        raise OSError(f"the server answered {error.code}") from error
