"""An OpenAI-compatible endpoint: one question, one answer, over HTTP, and nothing on trust.

The address is the one that was named: no redirect is followed. What comes back is bounded in
size and time. A key goes into one header, and into no message, file or log.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from engine.system import web
from engine.zero_shot import model as models
from engine.zero_shot.ledger import Ledger
from engine.zero_shot.model import ZeroShotModel
from engine.zero_shot.prompts import Message
from storage.errors import TrainingError

# A model on a laptop's CPU takes a minute for a long text.
TIMEOUT_SECONDS = 120.0
# Bytes of an answer; of an error's, which is only quoted.
MOST, QUOTED = 1 << 20, 200
# What is asked again, after how many seconds each time.
PASSING = (408, 409, 425, 429, 500, 502, 503, 504)
WAITS = (1.0, 3.0, 9.0)
LONGEST_WAIT = 60.0
# What an answer may be long, and how often a question can be put more plainly.
ANSWER_TOKENS, PLAINEST = 4_096, 3


class UnansweredError(TrainingError):
    """A question that got no answer; ``lasting`` where another one would not either."""

    def __init__(self, message: str, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class _PassingError(UnansweredError):
    """One that may be answered when it is asked again, ``after`` some seconds."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, and how many tokens it read and wrote (about, where nobody says)."""

    text: str
    tokens: int


class Endpoint:
    """Asks one model; safe to use from several threads."""

    def __init__(
        self,
        model: ZeroShotModel,
        key: str,
        ledger: Ledger,
        timeout: float = TIMEOUT_SECONDS,
        waits: Sequence[float] = WAITS,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._model, self._key, self._ledger = model, key, ledger
        self._timeout, self._waits, self._sleep = timeout, waits, sleep
        self._plainness, self._lock = 0, threading.Lock()

    def ask(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Reply:
        """Return the model's answer; raise UnansweredError, and SpentError before the budget is.

        A busy server is asked again, later each time; one that refuses a schema is asked
        without, then and from then on.
        """
        waits = list(self._waits)
        while True:
            plainness = self._plainness
            try:
                return self._ask_once(messages, schema, plainness)
            except _RefusedFormError:
                self._grow_plainer(plainness)
            except _PassingError as error:
                if not waits:
                    raise
                self._sleep(min(max(waits.pop(0), error.after), LONGEST_WAIT))

    def _grow_plainer(self, than: int) -> None:
        with self._lock:
            self._plainness = max(self._plainness, than + 1)

    def _ask_once(
        self, messages: Sequence[Message], schema: Mapping[str, Any], plainness: int
    ) -> Reply:
        body = _body(self._model.name, messages, schema, plainness)
        sent = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        self._ledger.begin_request()
        try:
            read = self._send(sent)
        except HTTPError as error:
            with error:
                raise self._refused(error, plainest=plainness == PLAINEST) from None
        except (TimeoutError, URLError, HTTPException, OSError) as error:
            raise self._unreached(error) from None
        reply = _reply(read, sent)
        self._ledger.add_tokens(reply.tokens)
        return reply

    def _send(self, sent: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "User-Agent": web.AGENT}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(models.asked_at(self._model), sent, headers, method="POST")
        until = time.monotonic() + self._timeout
        with web.opener().open(request, timeout=self._timeout) as answer:
            return _read(answer, until)

    def _refused(self, error: HTTPError, plainest: bool) -> UnansweredError:
        """Say what an answer other than 2xx means."""
        said = self._said(error)
        if error.code in PASSING:
            message = f"The server {self._model.host} answered {error.code}{said}."
            return _PassingError(message, _seconds(error.headers.get("Retry-After")))
        if error.code in (400, 422) and not plainest:
            return _RefusedFormError(said)
        if 300 <= error.code < 400:
            elsewhere = urlsplit(error.headers.get("Location") or "").hostname or "elsewhere"
            return UnansweredError(
                f"The server {self._model.host} sends on to {elsewhere}: nothing was sent there. "
                "Name the address that answers itself.",
                lasting=True,
            )
        if error.code in (401, 403):
            advice = "give the right key in Settings"
        elif error.code == 404:
            advice = "correct the address or the model's name in Settings"
        else:
            advice = "ask who runs it"
        return UnansweredError(
            f"The server {self._model.host} answered {error.code}{said}: {advice}.", lasting=True
        )

    def _said(self, error: HTTPError) -> str:
        """Quote what a server said of an error, without the key, which some repeat."""
        try:
            text = error.read(4 * QUOTED).decode("utf-8", "replace")
        except (OSError, HTTPException):
            return ""
        if self._key:
            text = text.replace(self._key, "…")
        words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
        return f" ({words[:QUOTED]})" if words else ""

    def _unreached(self, error: Exception) -> UnansweredError:
        reason = error.reason if isinstance(error, URLError) else error
        host = self._model.host
        if isinstance(reason, TimeoutError):
            return UnansweredError(
                f"The server {host} did not answer within {self._timeout:g} seconds: it may be "
                "busy, or the model too large for it."
            )
        if isinstance(reason, ssl.SSLCertVerificationError):
            message = f"This computer does not trust the certificate of {host}"
            return UnansweredError(f"{message} ({reason.verify_message}).", lasting=True)
        if isinstance(reason, socket.gaierror):
            return UnansweredError(
                f"No computer is known by the name {host}: correct the address.", lasting=True
            )
        if isinstance(reason, ConnectionRefusedError):
            return UnansweredError(
                f"Nobody answers at {host}: start the server, or correct the address.", lasting=True
            )
        if isinstance(reason, _TooLargeError):
            return UnansweredError(f"The server {host} answered more than {MOST >> 20} MB.")
        said = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
        return _PassingError(
            f"The server {host} cannot be reached ({said or type(reason).__name__}): see that it "
            "runs."
        )


class _RefusedFormError(UnansweredError):
    """The server does not take the question in this form."""


class _TooLargeError(OSError):
    """An answer that does not end."""


def _read(answer: HTTPResponse, until: float) -> bytes:
    """Read an answer in time, however slowly it drips."""
    parts, size = [], 0
    while part := answer.read1(1 << 16):
        parts.append(part)
        size += len(part)
        if size > MOST:
            raise _TooLargeError
        if time.monotonic() > until:
            raise TimeoutError
    return b"".join(parts)


def _body(
    name: str, messages: Sequence[Message], schema: Mapping[str, Any], plainness: int
) -> dict[str, Any]:
    """Return a question; the plainer, the less of it is beyond what every server takes."""
    body: dict[str, Any] = {"model": name, "messages": list(messages), "stream": False}
    if plainness < PLAINEST:
        body |= {"temperature": 0, "max_tokens": ANSWER_TOKENS}
    if plainness == 0:
        named = {"name": "labels", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    if plainness == 1:
        body["response_format"] = {"type": "json_object"}
    return body


def _seconds(header: str | None) -> float:
    """Return the seconds of a Retry-After header; 0 where it names none, or a date."""
    return float(header) if header and header.isdecimal() and len(header) < 6 else 0.0


def _reply(read: bytes, sent: bytes) -> Reply:
    try:
        answer = json.loads(read)
        text = answer["choices"][0]["message"]["content"]
        # Halves of characters are no text, and nothing takes them.
        text = text.encode("utf-8", "replace").decode()
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise UnansweredError(
            "The server's answer is not that of an OpenAI-compatible endpoint: its address often "
            "ends in /v1."
        ) from None
    usage = answer.get("usage")
    told = usage.get("total_tokens") if isinstance(usage, dict) else None
    if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < 10**9:
        return Reply(text, told)
    return Reply(text, about(len(sent) + len(text.encode())))


def about(size: int) -> int:
    """Return how many tokens so many bytes are, about: four each."""
    return -(-size // 4)
