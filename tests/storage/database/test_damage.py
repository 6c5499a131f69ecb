"""Damage to the database's file: found, named as damage, and nothing is written into it."""

import contextlib
import os
import sqlite3

import pytest
from sqlalchemy import text

from storage.backups import checking, copies, restoring
from storage.corpus import documents, projects
from storage.database import watch
from storage.database.connection import Database
from storage.errors import DamagedError, EmptiedError
from tests.storage.conftest import sentence, stored
from tests.storage.damage import damage


@pytest.fixture
def path(db, project, home):
    """The file of a database with 300 documents, of which there is a backup; closed."""
    stored(db, project, *(sentence(f"Ada met Bob {number}.") for number in range(300)))
    copies.make(home / "whetstone.db", copies.ASKED)
    db.close()
    return home / "whetstone.db"


def test_damage_outside_the_schemas_pages_is_found_at_the_start(path):
    damage(path, "documents")
    db = Database.open()
    barrier = db.barrier()
    assert isinstance(barrier, DamagedError)
    assert "is damaged" in str(barrier) and "restore a backup" in str(barrier)
    assert "space" not in str(barrier)
    assert projects.list_projects(db), "what can be read still is"
    with pytest.raises(DamagedError, match="Do not go on with it"):
        projects.create_project(db, "More")
    db.close()


def test_the_pages_of_a_file_that_nobody_wrote_to_are_looked_at_once_in_a_while(path, monkeypatch):
    looked, quick = [], checking.quick
    monkeypatch.setattr(checking, "quick", lambda *given: looked.append(given) or quick(*given))
    monkeypatch.setattr(watch, "AGAIN", 10_000.0)
    # Nobody has seen this file yet.
    os.utime(path)
    for _ in range(3):
        assert watch.Watch(path, 30.0, lambda: None).barrier() is None
    assert len(looked) == 1
    damage(path, "documents")
    assert isinstance(watch.Watch(path, 30.0, lambda: None).barrier(), DamagedError)
    monkeypatch.setattr(watch, "AGAIN", 1e-9)
    for _ in range(2):
        watch.Watch(path, 30.0, lambda: None).barrier()
    assert len(looked) == 4


def test_a_restore_ends_it_for_who_has_it_open(path, project):
    damage(path, "documents")
    db = Database.open()
    (backup,) = copies.known(path)
    restoring.restore(path, backup.path)
    assert db.barrier() is None
    assert documents.count_documents(db, project.id) == 300
    projects.create_project(db, "More")
    db.close()


def test_damage_met_while_reading_stops_writing_too(path):
    db = Database.open()
    assert db.barrier() is None
    damage(path, "documents")
    with pytest.raises(DamagedError), db.read() as session:
        session.execute(text("SELECT text FROM documents")).all()
    with pytest.raises(DamagedError):
        projects.create_project(db, "More")
    db.close()


def test_the_full_check_finds_what_the_quick_one_does_not(path, db):
    assert checking.full(path) is None
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM projects")
    assert checking.quick(path) == ""
    found = checking.full(path)
    assert "has lost its projects" in str(found)
    db.judge(found)
    with pytest.raises(DamagedError):
        projects.create_project(db, "More")
    db.judge(None)
    projects.create_project(db, "More")


def test_a_check_that_takes_too_long_is_left(path, monkeypatch):
    damage(path, "documents")
    monkeypatch.setattr(checking, "STEPS", 1)
    assert checking.quick(path, seconds=-1) == ""
    assert checking.quick(path) != ""


@pytest.mark.parametrize("torn", [100, 5000])
def test_a_file_that_is_cut_off_is_damaged_not_out_of_space(path, torn):
    path.write_bytes(path.read_bytes()[:torn])
    with pytest.raises(DamagedError) as caught:
        Database.open().write().__enter__()
    assert "restore a backup" in str(caught.value) and "space" not in str(caught.value)


@pytest.mark.parametrize("beside", ["a backup", "a run"])
def test_an_emptied_database_is_not_begun_anew_unasked(path, home, beside):
    if beside == "a run":
        for backup in copies.known(path):
            backup.path.unlink()
        (home / "runs" / "1-abcd").mkdir(parents=True)
    path.write_bytes(b"")
    with pytest.raises(EmptiedError, match=f"is empty, but 1 {beside.split()[1]}.*lie there still"):
        Database.open()
    assert path.read_bytes() == b""
    Database.open(anew=True).close()
    Database.open().close()


def test_a_database_that_is_gone_is_asked_for_where_it_has_backups(path):
    path.unlink()
    with pytest.raises(EmptiedError, match="is gone, but 1 backup"):
        Database.open()
    assert not path.exists()


def test_one_that_goes_while_it_is_open_is_not_made_again(path):
    db = Database.open()
    path.unlink()
    with pytest.raises(DamagedError, match="is gone: restore a backup"):
        projects.list_projects(db)
    assert not path.exists()
    db.close()


def test_another_database_in_a_home_with_runs_is_simply_made(path, home):
    (home / "runs" / "1-abcd").mkdir(parents=True)
    Database.open(f"sqlite:///{home}/other.db").close()
