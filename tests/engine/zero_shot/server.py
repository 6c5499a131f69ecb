"""A model's server on this computer: real HTTP, and whatever answers a test wants of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler", Mapping[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """Lets the server's behaviour answer, and keeps what was asked."""

    server: LocalModel

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.note(self, asked)
        try:
            self.server.behaviour(self, asked)
        except (BrokenPipeError, ConnectionResetError):
            # Whoever asked has gone.
            self.close_connection = True

    def reply(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class LocalModel(ThreadingHTTPServer):
    """A server that answers as its ``behaviour`` says; ``asked`` is what it was asked."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour
        self.asked: list[Mapping[str, Any]] = []
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def note(self, handler: Handler, asked: Mapping[str, Any]) -> None:
        with self._lock:
            self.asked.append(asked)
            self.keys.append(handler.headers["Authorization"])
            self.paths.append(handler.path)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[LocalModel]:
    """Serve until the block ends."""
    with LocalModel(behaviour) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def completion(content: Any, tokens: int | None = 10) -> bytes:
    """The body of an answer that says something."""
    said = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    body: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": said}}]}
    return json.dumps(body | ({"usage": {"total_tokens": tokens}} if tokens else {})).encode()


def says(content: Any, tokens: int | None = 10) -> Behaviour:
    """Always say the same, or what a function makes of the text."""

    def behave(handler: Handler, asked: Mapping[str, Any]) -> None:
        said = content(text_of(asked)) if callable(content) else content
        handler.reply(200, completion(said, tokens))

    return behave


def text_of(asked: Mapping[str, Any]) -> str:
    """The text that a question is about."""
    return asked["messages"][-1]["content"].removeprefix("Text:\n")


def fails(code: int, times: int, then: Behaviour, **headers: str) -> Behaviour:
    """Answer with a status so many times, then behave."""
    left = [times]

    def behave(handler: Handler, asked: Mapping[str, Any]) -> None:
        if left[0]:
            left[0] -= 1
            handler.reply(code, b'{"error": "no, and \x00 no"}', **headers)
        else:
            then(handler, asked)

    return behave


def waits(seconds: float, then: Behaviour) -> Behaviour:
    """Answer late."""

    def behave(handler: Handler, asked: Mapping[str, Any]) -> None:
        time.sleep(seconds)
        then(handler, asked)

    return behave


def drips(gap: float) -> Behaviour:
    """Send a byte now and then, and never the last."""

    def behave(handler: Handler, asked: Mapping[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(gap)

    return behave


def names(text: str) -> dict[str, Any]:
    """Find every word with a capital: what a good model would say of the tests' sentences."""
    words = [word for word in text.split() if word[:1].isupper()]
    return {"spans": [{"quote": word, "label": "person"} for word in words]}
