"""A disk that fills up (fault 7): at every point what was acknowledged stays, and work goes on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from storage.backups import copies, restoring
from storage.corpus import documents, projects, staging
from storage.database.connection import Database
from storage.engines import file_swap
from storage.errors import FullError, InputError, StorageError
from storage.transfers import uploads
from storage.transfers.uploads import Uploads
from tests.storage.conftest import sentence
from tests.storage.database.test_processes import check_file
from tests.storage.faults.conftest import make_desk, settle

KILO = 1024


def home_folder() -> Path:
    return Path(os.environ["WHETSTONE_HOME"])


@pytest.mark.parametrize("left", [0, 4 * KILO, 50 * KILO, 700 * KILO])
def test_edits_are_refused_in_a_sentence_and_go_on_once_there_is_room(small_disk, left):
    db = Database.open()
    desk = make_desk(db)
    filler = small_disk(left)
    error = desk.edit_until_refused()
    assert isinstance(error, FullError)
    assert "is full" in str(error) and "free some space, then try again" in str(error)
    assert documents.count_documents(db, desk.project) == 8, "it can be read"
    desk.check()
    check_file(home_folder())
    filler.unlink()
    settle(desk, home_folder())
    db.close()


def test_an_import_that_finds_no_room_leaves_nothing_of_itself(small_disk):
    db = Database.open()
    desk = make_desk(db)
    filler = small_disk(1_000 * KILO)
    many = (sentence(f"Ada {number} {'met Bob ' * 100}") for number in range(3_000))
    with pytest.raises(FullError, match="Nothing was changed"):
        documents.add_documents(db, desk.project, many, "ada")
    assert documents.count_documents(db, desk.project) == 8
    filler.unlink()
    again = [sentence(f"Ada {number} {'met Bob ' * 100}") for number in range(300)]
    assert documents.add_documents(db, desk.project, again, "ada") == 300
    settle(desk, home_folder())
    db.close()


@pytest.mark.parametrize("by_others", ["closed", "in use"])
def test_a_start_on_a_full_disk_shows_what_there_is_and_says_what_to_do(small_disk, by_others):
    db = Database.open()
    desk = make_desk(db)
    desk.edit()
    if by_others == "closed":
        db.close()
    filler = small_disk(0)
    again = Database.open()
    assert documents.count_documents(again, desk.project) == 8
    desk.check(again)
    with pytest.raises(FullError, match="is full.*free some space"):
        projects.create_project(again, "More")
    filler.unlink()
    projects.create_project(again, "More")
    assert again.barrier() is None
    again.close()
    settle(desk, home_folder())
    db.close()


@pytest.mark.parametrize("lacks", ["nothing", "the lock of a restore"])
@pytest.mark.parametrize("by_others", ["closed", "in use"])
def test_a_disk_that_takes_no_more_files_is_read_and_said_to_be_full(small_disk, by_others, lacks):
    db = Database.open()
    desk = make_desk(db)
    desk.edit()
    if by_others == "closed":
        db.close()
    if lacks != "nothing":
        (home_folder() / file_swap.LOCK).unlink()
    allow_files(0)
    again = Database.open()
    desk.check(again)
    # Where somebody has it open all files are there that a change needs.
    if by_others == "closed":
        with pytest.raises(FullError, match="full .of files.*free some space, then try again"):
            projects.create_project(again, "More")
    allow_files(100)
    projects.create_project(again, "More")
    again.close()
    settle(desk, home_folder())
    db.close()


def allow_files(more: int) -> None:
    """Let the small disk take so many files more than it has."""
    place, found = home_folder().parent, os.statvfs(home_folder())
    most = found.f_files - found.f_ffree + more
    subprocess.run(["mount", "-o", f"remount,nr_inodes={most}", str(place)], check=True)


def test_an_upload_that_finds_no_room_goes_on_from_what_is_here(small_disk, monkeypatch):
    # What else must stay free is more than this disk has.
    monkeypatch.setattr(uploads, "RESERVE_BYTES", 0)
    db, server, content = Database.open(), Uploads(), os.urandom(2_000 * KILO)
    desk = make_desk(db)
    batch = server.begin("ada")
    (number,) = server.announce(batch, "ada", [("a.csv", len(content))])
    writing = server.open(batch, "ada", number, 0)
    writing.write(content[: 500 * KILO])
    filler = small_disk(100 * KILO)
    with pytest.raises(StorageError, match=r"No space left.*make room .* then go on"):
        writing.write(content[500 * KILO :])
    assert writing.received == 500 * KILO
    with pytest.raises(InputError, match="has room for"):
        server.announce(batch, "ada", [("b.csv", 5_000 * KILO)])
    desk.check()
    filler.unlink()
    server.open(batch, "ada", number, 500 * KILO).write(content[500 * KILO :])
    (file,) = server.files(batch, "ada")
    assert file.complete and file.path.read_bytes() == content
    server.stop()
    settle(desk, home_folder())
    db.close()


def test_an_import_says_where_the_room_is_missing_that_reading_takes(home):
    stage = staging.Stage()
    stage._db.execute("PRAGMA max_page_count = 30")
    with pytest.raises(FullError, match=r"temporary files.*Nothing was imported.*SQLITE_TMPDIR"):
        for number in range(5_000):
            stage.add(sentence(f"Ada {number} {'met Bob ' * 20}"))
    stage.close()


def test_a_new_home_on_a_full_disk_is_one_sentence(small_disk, monkeypatch):
    filler = small_disk(0)
    (home_folder() / "whetstone.db").unlink()
    with pytest.raises(StorageError, match="free some space|No space left"):
        Database.open()
    filler.unlink()
    Database.open().close()


def test_backup_and_restore_leave_room_and_nothing_half_done(small_disk):
    db = Database.open()
    desk = make_desk(db)
    path = home_folder() / "whetstone.db"
    backup = copies.make(path, copies.ASKED)
    desk.edit()
    filler = small_disk(300 * KILO)
    with pytest.raises(StorageError, match="too full for a backup.*delete older backups"):
        copies.make(path, copies.ASKED)
    with pytest.raises(FullError, match="is full"):
        restoring.restore(path, backup)
    desk.check()
    assert [each.path for each in copies.known(path)] == [backup]
    filler.unlink()
    settle(desk, home_folder())
    restoring.restore(path, backup)
    check_file(home_folder())
    db.close()
