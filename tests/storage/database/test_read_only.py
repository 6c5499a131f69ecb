"""A home that can be read and not changed: reading works, a change is refused in a sentence."""

import shutil

import pytest

from storage import home as place
from storage.backups import checking, copies
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.engines import revisions
from storage.errors import ReadOnlyError
from storage.finding import search
from tests.readonly import read_only
from tests.storage.conftest import sentence, stored


@pytest.fixture
def filled(db, project, home):
    """A home with two documents; its database is open, with a log."""
    stored(db, project, sentence(), sentence("Oslo is a city."))
    copies.make(home / "whetstone.db", copies.ASKED)
    # Once as the tester: who cannot read the library cannot load its modules later.
    assert [copies.counts(backup).documents for backup in copies.known(home / "whetstone.db")]
    return home


@pytest.mark.parametrize("left", ["closed", "as a kill leaves it"])
def test_everything_is_read_and_nothing_is_changed(db, project, filled, left, monkeypatch):
    if left == "closed":
        db.close()
    with read_only(filled) as home:
        assert (home / "whetstone.db-wal").exists() == (left != "closed")
        before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
        monkeypatch.setenv("WHETSTONE_HOME", str(home))
        opened = Database.open()
        assert documents.count_documents(opened, project.id) == 2
        assert search.count(opened, project.id, search.Search(text="oslo")) == 1
        barrier = opened.barrier()
        assert isinstance(barrier, ReadOnlyError)
        assert str(barrier) == (
            f"The database {home}/whetstone.db can be read but not changed (it is read-only for "
            "you): make the file and its folder writable for you to go on editing."
        )
        with pytest.raises(ReadOnlyError, match="can be read but not changed"):
            projects.create_project(opened, "More")
        assert checking.full(home / "whetstone.db") is None
        assert [copies.counts(backup).documents for backup in copies.known(home / "whetstone.db")]
        assert len(place.secret()) == 32
        opened.close()
        assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_where_it_becomes_writable_editing_goes_on(db, filled, monkeypatch):
    db.close()
    with read_only(filled) as home:
        monkeypatch.setenv("WHETSTONE_HOME", str(home))
        opened = Database.open()
        assert opened.barrier()
        for path in [home, *home.iterdir()]:
            path.chmod(0o700)
        assert opened.barrier() is None
        projects.create_project(opened, "More")
        opened.close()


def test_an_older_database_says_that_it_cannot_be_brought_up_to_date(home, tmp_path, monkeypatch):
    older = tmp_path / "migrations"
    shutil.copytree(revisions.MIGRATIONS, older)
    sorted((older / "versions").glob("0*.py"))[-1].unlink()
    with monkeypatch.context() as patched:
        patched.setattr(revisions, "MIGRATIONS", older)
        Database.open().close()
    with read_only(home) as place, pytest.raises(ReadOnlyError, match="not of this version"):
        Database.open(f"sqlite:///{place}/whetstone.db")


def test_a_home_without_a_database_cannot_get_one(home):
    with read_only(home) as place, pytest.raises(ReadOnlyError, match="writable for you"):
        Database.open(f"sqlite:///{place}/whetstone.db")
