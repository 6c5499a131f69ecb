"""The folded texts of a project: never other ones than the database has."""

import errno
import os
import shutil

import pytest

from storage import home as homes
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines import sqlite
from storage.texts import blocks, folded
from tests.storage.conftest import sentence, stored


def holding(db, project, wanted):
    return folded.holding(db, project.id, wanted).tolist()


def test_texts_second_texts_and_names_are_found_folded(db, project):
    one, two = stored(db, project, sentence("Die STRASSE"), sentence("Cafe\u0301", name="Ada.txt"))
    assert holding(db, project, "strasse") == [one]
    assert holding(db, project, "café") == [two]
    assert holding(db, project, "ada.t") == [two]
    assert holding(db, project, "straße") == []
    assert holding(db, project, "\ud800") == holding(db, project, "a\0") == []


def test_what_comes_later_is_written_behind_what_is_known(db, project, monkeypatch):
    ada, _ = stored(db, project, sentence("Ada one"), sentence("Bob"))
    assert holding(db, project, "ada") == [ada]
    path = folded._file(db, project.id)
    before = path.read_bytes()
    later = stored(db, project, sentence("Ada two"))[-1]
    assert holding(db, project, "ada") == [ada, later]
    assert path.read_bytes().startswith(before)
    assert path.stat().st_mode & 0o077 == 0
    # Now all is known: nothing is folded again.
    monkeypatch.setattr(folded, "fold_document", None)
    assert holding(db, project, "two") == [later]


def test_a_file_that_was_cut_off_or_holds_rubbish_is_completed(db, project):
    ids = stored(db, project, sentence("Ada one"), sentence("Ada two"))
    path = folded._file(db, project.id)
    for broken in (b"", b"rubbish" * 40, None):
        folded.refresh(db, project.id)
        os.truncate(path, path.stat().st_size - 3) if broken is None else path.write_bytes(broken)
        assert holding(db, project, "ada") == ids


def test_texts_of_another_database_that_took_its_place_are_not_found(db, project, monkeypatch):
    monkeypatch.setattr(folded, "_file", lambda db, project: homes.folder() / "one.folded")
    stored(db, project, sentence("Ada"), sentence("Bob"))
    assert holding(db, project, "ada")
    other = projects.create_project(db, "Other")
    ids = stored(db, other, sentence("Eve"), sentence("Eve again"), sentence("Eve, too"))
    assert holding(db, other, "ada") == []
    assert holding(db, other, "eve") == ids


@pytest.mark.sqlite
def test_after_a_backup_is_back_its_texts_are_found_and_not_the_later_ones(db, project, home):
    stored(db, project, sentence("Ada"))
    sqlite.copy(home / "whetstone.db", home / "kept")
    _, gone = stored(db, project, sentence("Later"))
    assert holding(db, project, "later") == [gone]
    db.close()
    shutil.copy(home / "kept", home / "whetstone.db")
    again = Database.open()
    _, new = stored(again, project, sentence("Other"))
    assert new == gone, "a number that is given twice"
    assert holding(again, project, "later") == []
    assert holding(again, project, "other") == [new]
    again.close()


def test_without_room_or_right_for_a_file_texts_are_still_found(db, project, monkeypatch):
    ids = stored(db, project, sentence("Ada one"), sentence("Ada two"))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(blocks, "_write", full)
        assert holding(db, project, "ada") == ids
    with monkeypatch.context() as patch:
        patch.setattr(folded, "_may_write", lambda path: False)
        assert holding(db, project, "two") == ids[1:]
    assert holding(db, project, "ada") == ids


def test_the_texts_of_a_project_go_with_it(db, project):
    stored(db, project, sentence("Ada"))
    folded.refresh(db, project.id)
    path = folded._file(db, project.id)
    assert path.exists()
    projects.delete_project(db, project.id)
    assert not path.exists()
    assert folded.holding(db, project.id, "ada").tolist() == []
