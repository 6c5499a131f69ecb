"""A real server on which somebody has each role: Ada is an admin, Cyd a reviewer, Bob labels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from pages.routes import gate
from pages.routes.transfers import downloads, uploads
from storage import home as homes
from storage.accounts import accounts
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.permissions import Role
from storage.types import Document
from tests.browser.server import ROOT, AppServer, ForkedServer
from tests.browser.serving.doors import Answer, Visitor

SECRET = "correct horse battery"
PEOPLE = {"Ada": Role.ADMIN, "Cyd": Role.REVIEWER, "Bob": Role.ANNOTATOR}


@dataclass(frozen=True)
class Shared:
    """A server with accounts, two projects of a document each, and somebody in each role."""

    server: AppServer
    people: dict[str, Visitor]
    tokens: dict[str, str]
    project: int
    other: int
    document: int

    def opened(self) -> closing[Database]:
        return closing(Database.open(f"sqlite:///{self.server.home / homes.DATABASE}"))

    def visit(self, name: str) -> Visitor:
        return self.people.get(name, Visitor(self.server.url))

    def ask(self, who: str, name: str, token: str, **more: object) -> Answer:
        """Send what every route reads first: its token."""
        visitor = self.visit(who)
        if name == downloads.NAME:
            # It has no token: a file is whose it is.
            return visitor.ask("GET", downloads.address("0" * 32))
        if name == uploads.SEND:
            headers = dict.fromkeys(uploads.HEADERS, "0") | {uploads.HEADERS[0]: token}
            headers |= {"Content-Type": "application/octet-stream"}
            return visitor.ask("POST", gate.address(name), b"x", headers)
        return visitor.post(gate.address(name), {"token": token, **more})


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    home = tmp_path_factory.mktemp("matrix") / "home"
    home.mkdir(mode=0o700)
    with closing(Database.open(f"sqlite:///{home / homes.DATABASE}")) as db:
        made = [projects.create_project(db, name).id for name in ("News", "Letters")]
        for project in made:
            documents.add_documents(db, project, [Document("Ada met Bob.")], "Ada")
        document = documents.list_ids(db, made[0])[0]
        for name, role in PEOPLE.items():
            accounts.add(db, name, role, SECRET)
    server = ForkedServer(ROOT / "app.py", home)
    server.start()
    people = {name: Visitor.signed_in(server.url, name, SECRET) for name in PEOPLE}
    query = f"project={made[0]}"
    tokens = {name: each.token_of("tag", query) for name, each in people.items()}
    yield Shared(server, people, tokens, made[0], made[1], document)
    server.end()
