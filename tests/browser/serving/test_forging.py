"""A hostile user at a real server: forged, borrowed and ended sessions, others' tokens and tabs."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pages.access import table
from pages.routes.transfers import downloads, uploads
from storage.accounts import accounts, sessions
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import JournalRow, SignInRow
from storage.permissions import ROLES, Role
from storage.types import Document
from tests.browser.serving.conftest import PEOPLE, SECRET, Shared
from tests.browser.serving.doors import Visitor, run

DAN = "Dan"
Forging = Callable[[Shared, Path], str]


def elsewhere(shared: Shared, place: Path) -> str:
    """A session of somebody with the same name and password on another server."""
    with closing(Database.open(f"sqlite:///{place / 'other.db'}")) as db:
        return sessions.begin(db, accounts.add(db, "Ada", Role.ADMIN, SECRET))


def aged(**by: timedelta) -> Forging:
    """A session whose times lie so far back."""

    def forge(shared: Shared, _: Path) -> str:
        with shared.opened() as db:
            ada = accounts.find(db, "Ada")
            assert ada
            token = sessions.begin(db, ada)
            with db.write() as session:
                row = session.scalar(select(SignInRow).where(SignInRow.token == hash_of(token)))
                assert row
                for name, back in by.items():
                    setattr(row, name, getattr(row, name) - int(back.total_seconds()))
        return token

    return forge


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def of_ada(change: Callable[[str], str]) -> Forging:
    return lambda shared, _: change(shared.people["Ada"].token)


FORGED: dict[str, Forging] = {
    "none": lambda *_: "",
    "random bytes": lambda *_: secrets.token_urlsafe(sessions.TOKEN_BYTES),
    "of another server": elsewhere,
    "unused for half a day": aged(seen_at=sessions.IDLE),
    "a week old": aged(begun_at=sessions.LONGEST),
    "one sign changed": of_ada(lambda token: token[:-1] + ("A" if token[-1] != "A" else "B")),
    "in capitals": of_ada(str.upper),
    "with more behind it": of_ada(lambda token: token + "A"),
    "cut off": of_ada(lambda token: token[:-1]),
    "what the database keeps of it": of_ada(hash_of),
    "very long": of_ada(lambda token: token * 100),
    "quoted": of_ada(lambda token: f'"{token}\\101"'),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_session_opens_nothing(shared: Shared, tmp_path: Path, how: str) -> None:
    visitor = Visitor(shared.server.url, FORGED[how](shared, tmp_path))
    assert visitor.open("settings").closed
    shown = visitor.ask("GET", "/settings", headers={"Accept": "text/html"})
    assert (shown.status, shown.headers["location"].split("?")[0]) == (303, "/login")
    for name in table.ROUTES:
        assert asked_by(shared, visitor, name, shared.tokens["Ada"]) == 401, name


def asked_by(shared: Shared, visitor: Visitor, name: str, token: str) -> int:
    return replace(shared, people={"somebody": visitor}).ask("somebody", name, token).status


@pytest.mark.parametrize("name", sorted(set(table.ROUTES) - {downloads.NAME}))
def test_nobody_uses_another_s_token_or_reaches_into_another_project(
    shared: Shared, name: str
) -> None:
    """Ada may call every route: with what was given to Bob, none, and nothing is done as Bob."""
    answer = shared.ask("Ada", name, shared.tokens["Bob"])
    assert answer.status == 403 and "opened by Bob, and you are signed in as Ada" in answer.text
    other = shared.visit("Ada").token_of("tag", f"project={shared.other}")
    changed = shared.tokens["Ada"].split(".")[0] + "." + other.split(".", 1)[1]
    assert shared.ask("Ada", name, changed).status == 401, "the seal of another project"
    if name != uploads.SEND:
        answer = shared.ask("Ada", name, other, document=shared.document)
        assert answer.status == 404 and "no such document" in answer.text


# What is drawn for nobody: the style, a heading, a sentence, the way to the login page.
SIGNED_OUT = {"heading", "markdown", "html", "bidi_component"}
ENDINGS: dict[str, Callable[[Database], object]] = {
    "demoted": lambda db: accounts.set_role(db, DAN, Role.ANNOTATOR),
    "given a new password": lambda db: accounts.set_password(db, DAN, "another long one"),
    "removed": lambda db: accounts.remove(db, DAN),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_the_open_tab_of_somebody_who_was_ended_does_nothing(shared: Shared, how: str) -> None:
    """The page is drawn anew and says so; each kind of route is closed, also after a new sign-in
    in the lesser role.
    """
    with shared.opened() as db:
        if accounts.find(db, DAN):
            accounts.remove(db, DAN)
        accounts.add(db, DAN, Role.ADMIN, SECRET)
        dan = Visitor.signed_in(shared.server.url, DAN, SECRET)
        token = dan.token_of("tag", f"project={shared.project}")
        with dan.tab() as tab:
            assert run(tab, "settings").says("h1 Settings")
            ENDINGS[how](db)
            for page in table.PAGES:
                after = run(tab, "" if page == "home" else page, click="delete")
                assert after.says("You are signed out") and set(after.texts) <= SIGNED_OUT, page
    for name in table.ROUTES:
        assert asked_by(shared, dan, name, token) == 401, name
    if how == "demoted":
        again = Visitor.signed_in(shared.server.url, DAN, SECRET)
        for name in table.ROUTES:
            refused = table.ROUTES[name] not in ROLES[Role.ANNOTATOR]
            assert (asked_by(shared, again, name, token) == 403) is refused, name
        given = {"token": token, "purpose": "import", "files": []}
        assert again.post("/api/uploads/begin", given).status == 403


def test_nobody_goes_on_in_another_s_tab(shared: Shared) -> None:
    """Streamlit resumes a session by its id: not for whoever has another sign-in."""
    with shared.visit("Ada").tab() as tab:
        first = run(tab, "settings")
    (ada,) = first.sessions
    with shared.visit("Bob").tab(resumed=ada) as tab:
        shown = run(tab, "settings")
    assert ada not in shown.sessions and shown.says("who may not change settings")
    with shared.visit("Ada").tab(resumed=ada) as tab:
        assert run(tab, "settings").sessions == {ada}


def test_people_at_once_edit_in_their_own_names(shared: Shared) -> None:
    """Who edits is the session's person, not the home's."""
    with shared.opened() as db:
        settings.put(db, "annotator", "somebody else")
        texts = [Document(f"{name} met Bob.") for name in PEOPLE]
        documents.add_documents(db, shared.project, texts, "somebody else")
        projects.add_labels(db, shared.project, ["PER"])
        added = documents.list_ids(db, shared.project)[-len(PEOPLE) :]

    def label(name: str, document: int) -> int:
        span = {"id": f"of-{name}", "start": 0, "end": 3, "label": "PER", "quote": name}
        edit = {"kind": "add", "seq": 1, "base_revision": 0, "status": "done", "span": span}
        given = {"token": shared.tokens[name], "document": document, "client": name}
        return shared.visit(name).post("/api/edits", given | {"operations": [edit]}).status

    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        assert set(pool.map(label, PEOPLE, added)) == {200}
    with shared.opened() as db, db.read() as session:
        asked = select(JournalRow.document_id, JournalRow.annotator)
        rows = session.execute(asked.where(JournalRow.document_id.in_(added)))
        by = {row.document_id: row.annotator for row in rows}
    assert by == dict(zip(added, PEOPLE, strict=True))
