"""Bytes that a disk changed (fault 11): found and told, or without meaning; never a traceback."""

import random
from pathlib import Path

import pytest

from storage.backups import checking, copies, restoring
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import DamagedError, StorageError, WhetstoneError
from storage.journal import annotations
from tests.storage.database.test_processes import check_file
from tests.storage.faults.conftest import Desk


@pytest.fixture
def path(desk: Desk, home: Path) -> Path:
    """A database with edits and a backup, closed."""
    for _ in range(20):
        desk.edit()
    copies.make(home / "whetstone.db", copies.ASKED)
    desk.db.close()
    return home / "whetstone.db"


def flip(whole: bytes, choose: random.Random) -> bytes:
    """Change some bytes of one place, as a failing disk does."""
    changed = bytearray(whole)
    at = choose.randrange(len(whole))
    for offset in range(at, min(len(whole), at + choose.choice([1, 4, 512, 4096]))):
        changed[offset] ^= 1 + choose.randrange(255)
    return bytes(changed)


def use(desk: Desk) -> None:
    """Read all there is, and edit: what is told, is told as one of our errors."""
    db = Database.open()
    try:
        for project in projects.list_projects(db):
            annotations.current(db, project.id)
            documents.list_ids(db, project.id)
        Desk(db, desk.project, desk.documents).edit()
    finally:
        db.close()


@pytest.mark.parametrize(
    "rounds", [25, pytest.param(1_500, marks=pytest.mark.long)], ids=["some", "many"]
)
def test_wherever_it_is_one_sentence_or_the_check_finds_it_or_nothing_is_different(
    path, desk, rounds
):
    whole, choose, told = path.read_bytes(), random.Random(7), 0
    for number in range(rounds):
        for beside in path.parent.glob("whetstone.db-*"):
            beside.unlink()
        path.write_bytes(broken := flip(whole, choose))
        try:
            use(desk)
        except WhetstoneError as error:
            told += 1
            assert "\n" not in str(error) and len(str(error)) < 500, number
            continue
        except Exception as error:
            pytest.fail(f"{number}: {type(error).__name__}: {error}")
        try:
            found = checking.full(path)
        except StorageError as error:
            found = error
        if found is None:
            check_file(path.parent)
        assert broken
    assert told > rounds / 10


def test_a_text_that_was_changed_is_found_by_the_check(path):
    whole = path.read_bytes()
    at = whole.index(b"Ada met Bob 3.")
    assert checking.full(path) is None
    path.write_bytes(whole[:at] + b"Eda" + whole[at + 3 :])
    found = checking.full(path)
    assert isinstance(found, DamagedError)
    assert "the text of document" in str(found) and "restore a backup" in str(found)


def test_the_newest_backup_that_is_whole_brings_everything_back_and_the_bad_file_is_kept(
    path, desk
):
    whole = path.read_bytes()
    path.write_bytes(broken := b"SQLite format 3\0" + flip(whole, random.Random(1))[16:100])
    with pytest.raises(DamagedError, match="restore a backup"):
        Database.open()
    (backup,) = copies.known(path)
    assert copies.check(path, backup) == ""
    aside = restoring.restore(path, backup.path)
    assert (aside / "whetstone.db").read_bytes() == broken
    db = Database.open()
    desk.check(db)
    db.close()
    check_file(path.parent)
