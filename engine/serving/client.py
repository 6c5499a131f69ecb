"""A client for a Whetstone model served over HTTP. Copy this file: it needs Python alone.

    from client import Client

    model = Client("http://localhost:8600", key="wst_…")
    for span in model.predict("Ada Lovelace went to Paris.")["spans"]:
        print(span["label"], span["text"])

Where the service is busy, or is started again, what was asked is asked again by itself.
"""

from __future__ import annotations

import http.client
import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

__all__ = ["Client", "ServiceError"]

BUSY = (429, 502, 503, 504)
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
# What a connection raises that was refused, reset, or ended within an answer.
BROKEN = (ConnectionError, TimeoutError, http.client.HTTPException)


class ServiceError(Exception):
    """The service refused what was asked; ``status`` is 0 where it could not be reached."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """Asks one service. Threads may share it."""

    def __init__(self, url: str, key: str = "", *, timeout: float = 60.0, patience: float = 60.0):
        """``timeout``: seconds for one answer; ``patience``: for all tries of a request."""
        self.url, self.timeout, self.patience = url.rstrip("/"), timeout, patience
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def predict(self, text: str, second_text: str | None = None) -> dict[str, Any]:
        """Return what the model says of a text, or of a pair: "spans", or "labels"."""
        asked = (
            {"text": text} if second_text is None else {"text": text, "second_text": second_text}
        )
        return self.ask(asked)["results"][0]

    def predict_all(
        self, texts: Sequence[str] | Sequence[tuple[str, str]], portion: int = 200
    ) -> list[dict[str, Any]]:
        """Return what the model says of many texts, or pairs, in their order."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(texts), portion):
            some = texts[start : start + portion]
            pairs = [{"text": t[0], "second_text": t[1]} for t in some if not isinstance(t, str)]
            asked = {"pairs": pairs} if pairs else {"texts": list(some)}
            found += self.ask(asked)["results"]
        return found

    def match(self, query: str, top: int = 10) -> list[dict[str, Any]]:
        """Return what of the project's catalogue answers a text, the best first."""
        return self.ask({"query": query, "top": top})["results"][0]["matches"]

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send any request that /docs describes; return the answer. Raises ServiceError."""
        body = json.dumps(request).encode()
        until, pause = time.monotonic() + self.patience, FIRST_PAUSE
        while True:
            try:
                return self._post(body)
            except _AgainError as error:
                wait = max(error.seconds, pause * random.uniform(0.5, 1.0))
                if time.monotonic() + wait > until:
                    raise ServiceError(str(error), error.status) from error
                time.sleep(wait)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _post(self, body: bytes) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.url}/predict", body, self._headers)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            said = _sentence(error)
            if error.code not in BUSY:
                raise ServiceError(said, error.code) from error
            seconds = error.headers.get("Retry-After", "0")
            raise _AgainError(
                said, error.code, float(seconds) if seconds.isdigit() else 0
            ) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, BROKEN):
                raise _AgainError(f"{self.url} cannot be reached: {error.reason}") from error
            raise ServiceError(f"{self.url} cannot be reached: {error.reason}") from error
        except BROKEN as error:
            raise _AgainError(f"The connection to {self.url} broke: {error}") from error


class _AgainError(Exception):
    def __init__(self, message: str, status: int = 0, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.status, self.seconds = status, seconds


def _sentence(error: urllib.error.HTTPError) -> str:
    with error:
        body = error.read()
    try:
        return json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return f"The service answered {error.code}."
