"""A person at a real server's doors, without a browser: HTTP and Streamlit's own WebSocket."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from pages.access import session

# A page that is drawn for the first time loads what it needs.
PATIENCE = 60


@dataclass(frozen=True)
class Shown:
    """What a page showed: texts of the elements of each kind; "closed" where it was not let in."""

    texts: Mapping[str, list[str]] = field(default_factory=dict)
    closed: bool = False
    sessions: frozenset[str] = frozenset()
    """The ids that Streamlit gave to the tab's session."""

    def says(self, words: str) -> bool:
        return any(words in text for found in self.texts.values() for text in found)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Visitor:
    """Somebody with the cookie of a session, or without."""

    url: str
    token: str = ""
    trusts: str = ""
    """The file of the certificate that the server shows, where it shows one."""

    @classmethod
    def signed_in(cls, url: str, name: str, password: str, trusts: str = "") -> Visitor:
        """Sign in by the login page's own form."""
        fields = urlencode({"name": name, "password": password, "next": "/"})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = cls(url, trusts=trusts).ask("POST", "/login", fields.encode(), form)
        assert answer.status == 303, answer.text
        found = re.match(rf"{session.COOKIE}=([^;]+)", answer.headers["set-cookie"])
        assert found
        return cls(url, found[1], trusts)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request as a page of the server does."""
        where = urlsplit(self.url)
        connection = (
            http.client.HTTPSConnection(where.netloc, timeout=PATIENCE, context=self._context())
            if self.trusts
            else http.client.HTTPConnection(where.netloc, timeout=PATIENCE)
        )
        try:
            given = {"Origin": self.url, **self._cookie(), **(headers or {})}
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, answer.read().decode("utf-8", "replace"), told)
        finally:
            connection.close()

    def post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """Send what a page's own JavaScript sends."""
        form = {"Content-Type": "application/json"}
        return self.ask("POST", path, json.dumps(fields).encode(), form)

    @contextmanager
    def tab(self, resumed: str = "") -> Iterator[ClientConnection]:
        """Open the WebSocket that a page speaks by; raises InvalidStatus where it is refused."""
        asked = ["streamlit", *(["xsrf", resumed] if resumed else [])]
        with connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            origin=Origin(self.url),
            subprotocols=[Subprotocol(each) for each in asked],
            additional_headers=self._cookie(),
            open_timeout=PATIENCE,
            max_size=None,
            proxy=None,
            ssl=self._context() if self.trusts else None,
        ) as socket:
            yield socket

    def open(self, page: str, query: str = "") -> Shown:
        """Open a page in a tab of its own and return what it shows."""
        try:
            with self.tab() as socket:
                return run(socket, page, query)
        except InvalidStatus as error:
            assert error.response.status_code == 403
            return Shown(closed=True)

    def token_of(self, page: str, query: str) -> str:
        """Return the token that a page gives out to the tagger's JavaScript."""
        for text in self.open(page, query).texts.get("bidi_component", []):
            if found := re.search(r'"token": ?"([^"]+)"', text):
                return found[1]
        raise AssertionError(f"{page} gave out no token")

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.trusts)

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": f"{session.COOKIE}={self.token}"} if self.token else {}


def run(socket: ClientConnection, page: str, query: str = "", click: str = "") -> Shown:
    """Have a page run in an open tab, by a click on a button if one is named."""
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    if click:
        message.rerun_script.widget_states.widgets.add(id=click, trigger_value=True)
    socket.send(message.SerializeToString())
    texts: dict[str, list[str]] = {}
    sessions: set[str] = set()
    while True:
        told = ForwardMsg.FromString(bytes(socket.recv(timeout=PATIENCE, decode=False)))
        kind = told.WhichOneof("type")
        if kind == "script_finished":
            return Shown(texts, sessions=frozenset(sessions))
        if kind == "new_session":
            sessions.add(told.new_session.initialize.session_id)
        if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
            element = told.delta.new_element
            of = element.WhichOneof("type")
            texts.setdefault(of, []).append(_text(getattr(element, of)))


def _text(element: Any) -> str:
    """Return what an element says: all of its texts, for nothing here looks at more."""
    return " ".join(
        value if isinstance(value, str) else json.dumps(str(value))
        for _, value in element.ListFields()
    )
