"""Somebody who labels by HTTP as the tagger does, on a line that breaks now and then.

For each document: open it, for each of its marks think, save, ask where else the words stand; then
finish it and ask for what the coach makes of it, as often as the tagger asks. Some saves are sent
twice, some connections are cut before the answer, and some numbers are used for another edit: the
first two are to be answered as at first, the last is to be refused.
"""

from __future__ import annotations

import http.client
import json
import random
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from storage.types import Source, Span
from tests.benchmarks.people.log import DUPLICATE, SAVED, Log

PASSWORD = "correct horse battery staple"
THINKS = (2.0, 4.0)
TWICE, CUT, FORGED = 0.05, 0.03, 0.01
# What the tagger's own waits are (``coaching/freshness.js``, ``queue/ahead.js``).
POLL_SECONDS, SLOWER, SLOWEST_SECONDS, POLLED_SECONDS = 0.1, 1.5, 0.4, 3.0
AHEAD = 10
PATIENCE_SECONDS = 35
MOST_TRIES = 20
# A server ends a connection on which nothing came for five.
KEPT_SECONDS = 4.0
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Work:
    """A document, and what this person sees in it."""

    document: int
    text: str
    marks: tuple[Span, ...]


class Line:
    """A connection to the server that is kept, as somebody who has signed in."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._cookie = ""
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0

    def sign_in(self, name: str) -> str:
        """Sign in by the form, as the page does; return the session's cookie."""
        fields = urlencode({"name": name, "password": PASSWORD})
        connection = self._connected()
        self._used = time.monotonic()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._url}
        connection.request("POST", "/login", fields, headers)
        answer = connection.getresponse()
        answer.read()
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        if answer.status != 303 or not cookie:
            raise RuntimeError(f"{name} could not sign in: {answer.status}")
        self._cookie = cookie
        return cookie.partition("=")[2]

    def ask(self, route: str, fields: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return status and answer; status 0 where there was none."""
        try:
            self._send(route, fields)
            assert self._connection, "a request was sent on it"
            answer = self._connection.getresponse()
            body = answer.read()
            self._used = time.monotonic()
        except (OSError, http.client.HTTPException):
            self.cut()
            return 0, {}
        is_json = (answer.getheader("Content-Type") or "").startswith(JSON)
        return answer.status, json.loads(body) if is_json else {}

    def send_and_cut(self, route: str, fields: Mapping[str, Any], after: float) -> None:
        """Send a request, and be gone before its answer can be read."""
        try:
            self._send(route, fields)
        finally:
            time.sleep(after)
            self.cut()

    def cut(self) -> None:
        """End the connection."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _send(self, route: str, fields: Mapping[str, Any]) -> None:
        headers = {"Content-Type": JSON, "Origin": self._url, "Cookie": self._cookie}
        self._connected().request("POST", f"/api/{route}", json.dumps(fields), headers)
        self._used = time.monotonic()

    def _connected(self) -> http.client.HTTPConnection:
        if time.monotonic() - self._used > KEPT_SECONDS:
            self.cut()
        if self._connection is None:
            host = urlsplit(self._url).netloc
            self._connection = http.client.HTTPConnection(host, timeout=PATIENCE_SECONDS)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection


class Person(threading.Thread):
    """One annotator, from the sign-in to the end of the time."""

    def __init__(
        self,
        url: str,
        name: str,
        token: str,
        work: Iterable[Work],
        until: float,
        thinks: tuple[float, float] = THINKS,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.log = Log(name)
        self._line = Line(url)
        self._line.sign_in(name)
        self._token = token
        self._work = work
        self._until, self._thinks = until, thinks
        self._chance = random.Random(name)
        self._client, self._seq = secrets.token_hex(16), 0
        self._revision = self._entry = 0

    def run(self) -> None:
        try:
            for number, work in enumerate(self._work):
                if self._is_over():
                    return
                self._label(number, work)
        except Exception as error:
            self.log.errors.append(f"{type(error).__name__}: {error}")
            raise
        finally:
            self._line.cut()

    def _is_over(self) -> bool:
        return time.monotonic() >= self._until

    def _label(self, number: int, work: Work) -> None:
        status, opened = self._ask("open", document=work.document)
        if status != 200:
            return self.log.complain(f"open {work.document}", status, opened)
        if number % (AHEAD // 2) == 0:
            self._ask("ahead", document=work.document, documents=[work.document])
        self._begin(work, opened["state"])
        held = {(span["start"], span["end"], span["label"]) for span in opened["state"]["spans"]}
        for mark in work.marks:
            if (mark.start, mark.end, mark.label) not in held:
                self._mark(work, mark)
        self._think()
        if self._save(work, {"kind": "status", "status": "done"}):
            self._look(work)
        return None

    def _begin(self, work: Work, state: Mapping[str, Any]) -> None:
        self._revision = state["revision"]
        self.log.begun[work.document] = state

    def _mark(self, work: Work, mark: Span) -> None:
        self._think()
        if self._is_over():
            return
        quote = work.text[mark.start : mark.end]
        where = {"start": mark.start, "end": mark.end, "label": mark.label, "quote": quote}
        span = {"id": secrets.token_hex(16), **where, "source": str(Source.PERSON), "score": None}
        self._save(work, {"kind": "add", "span": span})
        question = {"quote": quote, "label": mark.label, "whole_words": True, "match_case": True}
        self._ask("find", document=work.document, **question, list=False)

    def _look(self, work: Work) -> None:
        """Ask for what the coach has learned, until it has or the tagger would ask no more."""
        end, step = time.monotonic() + POLLED_SECONDS, POLL_SECONDS
        while time.monotonic() < end and not self._is_over():
            fields = {"documents": [work.document], "coming": [], "after": self._entry}
            status, said = self._ask("suggested", document=work.document, **fields)
            if status != 200 or said["told"] or not (said["coach"] or {}).get("on"):
                return
            time.sleep(step)
            step = min(step * SLOWER, SLOWEST_SECONDS)

    def _think(self) -> None:
        time.sleep(self._chance.uniform(*self._thinks))

    def _ask(self, route: str, **fields: Any) -> tuple[int, dict[str, Any]]:
        begin = time.perf_counter()
        status, answer = self._line.ask(route, {"token": self._token, **fields})
        self.log.took[route].append((time.perf_counter() - begin) * 1000)
        return status, answer

    def _save(self, work: Work, operation: Mapping[str, Any]) -> bool:
        """Send an edit until it is answered; tell whether the server has it."""
        self._seq += 1
        numbered = {**operation, "seq": self._seq, "base_revision": self._revision}
        batch: dict[str, Any] = {
            **{"document": work.document, "client": self._client, "lean": True},
            "operations": [numbered],
        }
        cut = self._chance.random() < CUT
        if cut:
            self._cut(batch)
        status, answer = self._delivered(batch)
        if status == 409:
            return self._start_over(work, operation, answer)
        if status != 200:
            self.log.complain(f"edit of {work.document}", status, answer)
            return False
        told = answer["results"][0]
        if told["status"] != SAVED and not cut:
            self.log.errors.append(f"a new edit was answered with {told['status']}")
        self._take(work, batch["operations"], answer)
        self._provoke(batch, told)
        return True

    def _delivered(self, batch: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        for tries in range(MOST_TRIES):
            begin = time.perf_counter()
            status, answer = self._line.ask("edits", {"token": self._token, **batch})
            self.log.took["edits"].append((time.perf_counter() - begin) * 1000)
            if status not in (0, 429, 503):
                break
            self.log.counts[f"answered {status}"] += 1
            time.sleep(min(10, 2**tries))
        return status, answer

    def _cut(self, batch: Mapping[str, Any]) -> None:
        """Lose the answer: before, while or after it is made."""
        self.log.counts["cut"] += 1
        self._line.send_and_cut("edits", {"token": self._token, **batch}, self._chance.random() / 5)

    def _start_over(
        self, work: Work, operation: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> bool:
        """Somebody changed it since it was opened: take theirs, and finish it as it is."""
        self.log.counts["conflicts"] += 1
        if work.document in {edit.document for edit in self.log.edits.values()}:
            self.log.complain(f"a conflict in one's own {work.document}", 409, answer)
            return False
        self._begin(work, answer["state"])
        return operation["kind"] == "status" and self._save(work, operation)

    def _take(self, work: Work, sent: Sequence[Mapping[str, Any]], answer: dict[str, Any]) -> None:
        self._revision = answer["revision"]
        self._entry = answer["entry"]
        self.log.take(self._client, work.document, sent, answer)

    def _provoke(self, batch: dict[str, Any], told: Mapping[str, Any]) -> None:
        """Send what is there already, and another edit under its number."""
        [sent] = batch["operations"]
        if self._chance.random() < TWICE:
            self.log.counts["twice"] += 1
            status, answer = self._line.ask("edits", {"token": self._token, **batch})
            again = answer.get("results", [{}])[0]
            if (status, again.get("status")) != (200, DUPLICATE) or (
                again["revision"] != told["revision"]
            ):
                self.log.complain(f"a repetition answered with {again}", status, answer)
        if self._chance.random() < FORGED:
            self.log.counts["forged"] += 1
            forged = {**batch, "operations": [{**sent, "status": "skipped"}]}
            status, answer = self._line.ask("edits", {"token": self._token, **forged})
            if status != 422:
                self.log.complain("another edit under a used number", status, answer)
