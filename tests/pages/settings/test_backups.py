"""Backups on Settings: made at a click, and gone back to after a question."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from storage.backups import copies
from storage.backups.keeping import Keeper
from storage.corpus import documents
from storage.database.connection import Database
from storage.types import Document
from tests.pages.conftest import TIMEOUT, Open, button, plain, said


def press(app, label: str):
    button(app, label).click().run()
    assert not app.exception
    return app


def test_a_backup_is_made_at_a_click(open_page: Open, sample: int, home: Path) -> None:
    app = open_page("settings")
    assert "There is no backup yet." in said(app)
    press(app, "Back up now")
    (backup,) = copies.known(home / "whetstone.db")
    assert backup.kind == "asked"
    assert "asked for · 482 documents, 0 edits" in said(app)


def ask(made: Path) -> AppTest:
    """Open what the dialog shows; dialogs themselves are for a real browser."""

    def script(name: str) -> None:
        import streamlit as st

        from pages.widgets.settings import backups
        from storage.backups import copies
        from storage.database.connection import file_of

        st.session_state.setdefault("project", 2)
        backups.ask(file_of(), copies.find(file_of(), name))

    return AppTest.from_function(script, args=(made.name,), default_timeout=TIMEOUT).run()


def test_going_back_says_what_goes_out_of_sight_and_where_it_stays(
    open_page: Open, db: Database, sample: int, home: Path
) -> None:
    made = copies.make(home / "whetstone.db", copies.ASKED)
    documents.add_documents(db, sample, [Document("One more."), Document("Two more.")], "ada")
    app = ask(made)
    assert "2 documents of since then go out of sight. The present database is kept" in said(app)
    app.button(key="restore").click().run()
    assert not app.exception
    assert documents.count_documents(db, sample) == 482
    assert "put aside by a restore · 484 documents" in said(open_page("settings"))


def test_what_cannot_be_restored_is_said_in_the_dialog(sample: int, home: Path) -> None:
    made = copies.make(home / "whetstone.db", copies.ASKED)
    app = ask(made)
    made.write_bytes(b"Dear diary, " * 500)
    app.button(key="restore").click().run()
    assert not app.exception
    assert "is damaged" in plain(app.error[0].value)


def test_a_backup_is_deleted_at_a_click(sample: int, home: Path) -> None:
    made = copies.make(home / "whetstone.db", copies.ASKED)

    def script(name: str) -> None:
        from pages.widgets.settings import backups
        from storage.backups import copies
        from storage.database.connection import file_of

        backups.drop(file_of(), copies.find(file_of(), name))

    app = AppTest.from_function(script, args=(made.name,), default_timeout=TIMEOUT)
    app.run()
    assert not made.exists()
    assert (home / "whetstone.db").exists()


def test_many_backups_fold_away(open_page: Open, sample: int, home: Path) -> None:
    for _ in range(7):
        copies.make(home / "whetstone.db", copies.ASKED)
    assert "2 older backups" in [e.label for e in open_page("settings").expander]


def test_an_open_application_makes_the_days_backup_by_itself(
    db: Database, sample: int, home: Path
) -> None:
    keeper = Keeper(home / "whetstone.db", db.judge)
    keeper.start()
    keeper.stop()
    assert [backup.kind for backup in copies.known(home / "whetstone.db")] == ["daily"]


def test_what_a_copy_holds_is_known_before_somebody_asks(
    db: Database, sample: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies.make(home / "whetstone.db", copies.ASKED)
    keeper = Keeper(home / "whetstone.db", db.judge)
    keeper.start()
    keeper.stop()
    monkeypatch.setattr(copies, "_count", lambda *_: pytest.fail("counted again"))
    newest, *_ = copies.known(home / "whetstone.db")
    assert copies.counts(newest).documents == documents.count_documents(db, sample)


def test_of_a_server_its_own_tools_make_backups(
    open_page: Open, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHETSTONE_DB", "postgresql://host/name")
    assert "pg_dump" in said(open_page("settings"))
