"""Who may do what, cell by cell, on a real server: each page, route, upload and command, for each
role and for nobody.

What is expected stands in `pages.access.table`: a page, a route or an upload that is not there
fails here. A command asks no role: whoever may read and write the home's files may do all that
they hold, with or without a program of ours, and acts in the name of the system's user. So its
cells are the owner of the files and another user of the computer; a command that is not in
`COMMANDS` fails here, too.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import typer

from engine.commands import app, main
from pages.access import pages, table
from pages.routes import adjudicating, gate, routes
from pages.routes.talk import talking
from pages.routes.transfers import downloads, uploads
from storage.accounts import accounts
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.permissions import ROLES, Ability, Role
from storage.types import Document
from tests.browser.serving.conftest import PEOPLE, SECRET, Shared
from tests.readonly import NOBODY

WHO: dict[str, Role | None] = {"nobody": None, **PEOPLE}
# Of our own addresses these are for everybody.
OPEN = {"/login", "/healthz"}
P = ("--project", "News")
# How each command is called, for the owner of the files to be answered in some way.
COMMANDS: dict[str, tuple[str, ...]] = {
    "import": ("notes.txt", *P),
    "export": ("out.conll", *P),
    "train": ("--resume", "1"),
    "search": (*P, "--trials", "1"),
    "suggest": P,
    "report": ("1",),
    "compare": ("1", "2"),
    "runs": (),
    "cancel": ("1",),
    "predict": ("1", "notes.txt", "out.jsonl"),
    "score": ("gold.conll", "gold.conll"),
    "curve": P,
    "suspects": P,
    "match": (*P, "--catalogue", "notes.csv", "--query", "a"),
    "monitor": (*P, "--input", "notes.csv"),
    "backup": (),
    "restore": (),
    "health": (),
    "archive": ("News", "out.zip"),
    "unarchive": ("gold.conll",),
    "duplicates": P,
    "labels": P,
    "notebook": P,
    "guideline": P,
    "threads": P,
    "ledger": P,
    "agreement": P,
    "promote": ("1",),
    "rollback": P,
    "versions": P,
    "keys add": (*P, "shop"),
    "keys list": P,
    "keys revoke": (*P, "1"),
    # Nothing is live: it is answered, and ends.
    "serve": P,
    "export-model": ("1", "--to", "folder"),
    "postgres start": (),
    "runner": (),
    "machines": (),
    "postgres stop": (),
    "card": P,
    "zero-shot": P,
    "coach": ("--project", "none", "--once"),
    "users list": (),
    "users add": ("Eve", "--oidc"),
    "users remove": ("Eve",),
    "users password": ("Eve", "--password-stdin"),
    "users role": ("Eve", "reviewer"),
}
# They read the files that they are given, and nothing of the home.
WITHOUT_HOME = {"score"}
# They serve until they are stopped: that the owner may is tested where they are.
STARTING = {"postgres start", "runner"}
FILES = {"notes.txt": "Ada met Bob.\n", "notes.csv": "text\na\n", "gold.conll": "Ada B-PER\n. O\n"}


def may(who: str, ability: Ability) -> bool:
    role = WHO[who]
    return role is not None and ability in ROLES[role]


def cells() -> Iterator[tuple[str, str, str]]:
    for kind, names in (("page", table.PAGES), ("route", table.ROUTES), ("upload", table.UPLOADS)):
        yield from ((kind, name, who) for name in names for who in WHO)
    for name in COMMANDS:
        owner = [] if name in STARTING else ["owner"]
        yield from (("command", name, who) for who in [*owner, "another user"])


def test_every_page_route_and_command_has_its_cells() -> None:
    assert {listed.name for listed in pages.PAGES} == set(table.PAGES)
    known = [
        *routes(),
        *uploads.routes(),
        *downloads.routes(),
        *talking.routes(),
        *adjudicating.routes(),
    ]
    # Behind a name there may stand which one is meant.
    ours = {route.path.split("/{")[0] for route in known}
    asked = {gate.address(name) for name in table.ROUTES}
    assert asked == {path for path in ours if path.startswith("/api/")}
    assert ours - asked - {"/tagger"} == OPEN
    assert set(commands(typer.main.get_command(app))) == set(COMMANDS)


def commands(group: object, above: str = "") -> Iterator[str]:
    for name, each in getattr(group, "commands", {}).items():
        whole = f"{above} {name}".strip()
        yield from commands(each, whole) if hasattr(each, "commands") else (whole,)


@pytest.mark.parametrize(("kind", "name", "who"), cells())
def test_each_may_do_what_the_table_says_and_nothing_else(
    request: pytest.FixtureRequest, kind: str, name: str, who: str
) -> None:
    if kind == "command":
        check_command(request, name, who)
    else:
        shared = request.getfixturevalue("shared")
        {"page": check_page, "route": check_route, "upload": check_upload}[kind](shared, name, who)


def check_page(shared: Shared, name: str, who: str) -> None:
    shown = shared.visit(who).open("" if name == "home" else name, f"project={shared.project}")
    assert shown.closed == (who == "nobody")
    if shown.closed:
        way = shared.visit(who).ask("GET", f"/{name}", headers={"Accept": "text/html"})
        assert (way.status, way.headers["location"].split("?")[0]) == (303, "/login")
        return
    told = [each for each in shown.texts.get("alert", []) if "who may not" in each]
    assert bool(told) is not may(who, table.PAGES[name])
    assert not shown.texts.get("exception")
    if told:
        # The frame, and nothing of the page: neither a button nor a field.
        assert len(shown.texts["heading"]) == len(shown.texts["alert"]) == 1
        assert len(shown.texts["button"]) == 1 and "Sign out" in shown.texts["button"][0]


def check_route(shared: Shared, name: str, who: str) -> None:
    answer = shared.ask(who, name, shared.tokens.get(who, shared.tokens["Ada"]))
    if who == "nobody":
        assert answer.status == 401
    elif may(who, table.ROUTES[name]):
        assert answer.status not in (401, 403)
    else:
        assert answer.status == 403 and "who may not" in answer.text


def check_upload(shared: Shared, name: str, who: str) -> None:
    token = shared.tokens.get(who, shared.tokens["Ada"])
    given = {"token": token, "purpose": name, "files": [{"name": "a", "size": 1}]}
    answer = shared.visit(who).post("/api/uploads/begin", given)
    if who == "nobody":
        assert answer.status == 401
    elif may(who, table.UPLOADS[name].needs):
        assert answer.status == 200
    else:
        assert answer.status == 403 and "who may not" in answer.text


@pytest.fixture(scope="module")
def somebodys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with accounts and a project, in a folder that everybody may enter."""
    place = Path(tempfile.mkdtemp(prefix="matrix-"))
    place.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(place / "home"))
        with closing(Database.open()) as db:
            project = projects.create_project(db, "News")
            documents.add_documents(db, project.id, [Document("Ada met Bob.")], "Ada")
            accounts.add(db, "Ada", Role.ADMIN, SECRET)
    for name, content in FILES.items():
        (place / name).write_text(content)
    yield place
    shutil.rmtree(place)


def check_command(request: pytest.FixtureRequest, name: str, who: str) -> None:
    if who != "owner" and os.geteuid() != 0:
        pytest.skip("only root can be another user for a moment")
    place = request.getfixturevalue("somebodys")
    patch = request.getfixturevalue("monkeypatch")
    patch.setenv("WHETSTONE_HOME", str(place / "home"))
    patch.chdir(place)
    output = request.getfixturevalue("capsys")
    asked = [*name.split(), *COMMANDS[name], "--json"]
    if who != "owner":
        os.seteuid(NOBODY)
    try:
        code = main(asked)
    finally:
        if who != "owner":
            os.seteuid(0)
    told = json.loads(output.readouterr().out)
    error = told.get("error", "")
    if who == "owner" or name in WITHOUT_HOME:
        # Also where there is nothing to do: it was asked, and nobody was refused.
        assert not any(each in error for each in ("may not", "another user", "--help")), error
    else:
        assert code == 1 and "belongs to another" in error, error
