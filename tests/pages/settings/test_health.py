"""Health on Settings: what is wrong with the store and what helps, and a check of all of it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from pages.widgets.settings import health
from storage.backups import checking, copies
from storage.corpus import documents
from storage.database.connection import Database
from storage.errors import DamagedError
from storage.types import Document
from tests.pages.conftest import Open, button, plain, said


def press(app, label: str):
    button(app, label).click().run()
    assert not app.exception
    return app


def figures(app) -> dict[str, str]:
    table = next(each.value for each in app.table if "Last backup" in each.value.index)
    return {name: plain(row.iloc[0]) for name, row in table.iterrows()}


@pytest.fixture(autouse=True)
def none_before() -> None:
    health._checks().clear()


def test_the_state_of_the_store_is_shown(open_page: Open, sample: int, home: Path) -> None:
    app = open_page("settings")
    known = figures(app)
    assert known["Database"].startswith(f"SQLite {sqlite3.sqlite_version}")
    assert known["Last check"] == "never" and known["Last backup"] == "none"
    assert "There is no backup yet" in said(app)
    copies.make(home / "whetstone.db", copies.ASKED)
    known = figures(open_page("settings"))
    assert known["Last backup"].endswith("whole")


def test_the_whole_database_is_checked_at_a_click(
    open_page: Open, db: Database, sample: int, home: Path
) -> None:
    app = press(open_page("settings"), "Check the database")
    assert "The last check found the database whole." in said(app)
    assert "whole" in figures(app)["Last check"]
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as connection, connection:
        connection.execute("DELETE FROM labels")
    press(app, "Check the database")
    assert "has lost its labels" in plain(app.error[0].value)
    assert "restore a backup" in said(app)
    # From then on every page says so, and nothing is saved.
    app = open_page("guideline")
    assert "You can still read and export; nothing is saved." in app.error[0].value
    with pytest.raises(DamagedError):
        documents.add_documents(db, sample, [Document("One more.")], "ada")


def test_a_check_that_takes_long_goes_on_beside_and_can_be_stopped(
    open_page: Open, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()

    def slowly(_path: Path, stop) -> None:
        while not stop():
            stopped.wait(0.01)
        stopped.set()

    monkeypatch.setattr(checking, "full", slowly)
    monkeypatch.setattr(health, "SHORT_SECONDS", 0.0)
    app = press(open_page("settings"), "Check the database")
    assert "left. You can go on." in str([each.proto for each in app.get("progress")])
    assert not stopped.is_set()
    app = press(open_page("settings"), "Stop")
    assert stopped.is_set()
    assert figures(app)["Last check"] == "never", "what was not seen to the end is no result"
