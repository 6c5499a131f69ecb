"""A database that somebody else keeps locked (fault 8): a short while is waited out, a long one
told; the edit is kept by whoever made it, and sent again it is there once.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from storage.database.connection import Database
from storage.errors import BusyError
from storage.journal import annotations
from tests.storage.faults.conftest import Desk, make_desk, settle


@contextlib.contextmanager
def locked(home: Path):
    """Hold the lock to write as another program may, which knows nothing of our turns."""
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        yield other


@pytest.fixture
def impatient(new_home):
    db = Database.open(patience=0.2)
    yield make_desk(db)
    db.close()


def test_a_short_lock_is_waited_out(desk: Desk, home: Path) -> None:
    inside = threading.Event()

    def hold() -> None:
        with locked(home) as other:
            inside.set()
            threading.Event().wait(0.3)
            other.execute("ROLLBACK")

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    desk.edit()
    holder.join()
    settle(desk, home)


def test_a_long_one_is_told_and_the_same_edit_sent_again_is_there_once(
    impatient: Desk, home: Path
) -> None:
    db, document = impatient.db, impatient.documents[0]
    impatient.edit()
    edit = {"seq": 900, "base_revision": 0, "kind": "comment", "comment": "mine"}
    call = (db, impatient.project, document, "bob", "tab", [edit])
    with locked(home):
        with pytest.raises(BusyError, match="busy for too long: try again shortly"):
            annotations.apply_operations(*call)
        # Who only reads is not held up.
        impatient.check()
    said = [annotations.apply_operations(*call).results[0]["status"] for _ in range(2)]
    assert said == ["saved", "duplicate"]
    found = annotations.open_annotation(db, document, "bob")
    assert (found.revision, found.state["comment"]) == (1, "mine")
    settle(impatient, home)


def test_one_that_may_not_even_be_read_is_told_at_the_start(new_home: Path) -> None:
    with contextlib.closing(sqlite3.connect(new_home / "whetstone.db")) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError, match="locked: close it first"):
            Database.open(patience=0.1)
    Database.open().close()
