"""Who may read a home: its owner, nobody else, also where an earlier version let others."""

import multiprocessing
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import files
from storage.backups import copies, restoring
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines import file_swap
from storage.errors import StorageError
from tests.readonly import NOBODY
from tests.storage.database.test_processes import check_file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def lax():
    """A system whose new files everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def everything(home: Path) -> dict[str, int]:
    return {str(path.relative_to(home)): mode(path) for path in home.rglob("*")}


def test_what_is_made_is_its_owners_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "new"))
    db = Database.open()
    projects.create_project(db, "News")
    path = tmp_path / "new" / "whetstone.db"
    restoring.restore(path, copies.make(path, copies.ASKED))
    projects.create_project(db, "More")
    found = everything(tmp_path / "new")
    assert {"whetstone.db", "whetstone.db-wal", "whetstone.db-shm", "backups"} <= set(found)
    assert set(found.values()) == {0o600, 0o700}
    assert mode(tmp_path / "new") == 0o700
    db.close()


def test_a_home_that_was_open_to_others_is_closed_when_it_is_opened(db, home):
    projects.create_project(db, "News")
    run = home / "runs" / "1-abcd"
    run.mkdir(parents=True)
    (run / "data.parquet").touch()
    (run / "worker.log").touch()
    (home / "errors.log").touch()
    copies.make(home / "whetstone.db", copies.ASKED)
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    again = Database.open()
    assert mode(home) == 0o700
    found = everything(home)
    assert {name for name, found in found.items() if found & 0o077} == {
        "swap.lock",
        "write.lock",
        "checked.json",
    }
    again.close()


def test_rights_are_only_ever_taken(db, home):
    home.chmod(0o555)
    (home / "whetstone.db").chmod(0o444)
    Database.open().close()
    assert (mode(home), mode(home / "whetstone.db")) == (0o500, 0o400)
    home.chmod(0o700)


def test_a_database_elsewhere_may_be_for_several_people(db, home, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o775)
    shared.chmod(0o775)
    Database.open(f"sqlite:///{shared}/team.db").close()
    (shared / "team.db").chmod(0o664)
    Database.open(f"sqlite:///{shared}/team.db").close()
    assert (mode(shared), mode(shared / "team.db")) == (0o775, 0o664)


def test_a_folder_that_belongs_to_everybody_stays_so(tmp_path):
    tmp_path.chmod(0o1777)
    files.close_to_others([tmp_path, tmp_path / "not there"])
    assert mode(tmp_path) == 0o1777


@pytest.mark.skipif(sys.platform == "darwin" or os.geteuid() != 0, reason="only root may give away")
def test_what_belongs_to_another_user_is_left_alone(tmp_path):
    (tmp_path / "file").touch(0o644)
    os.chown(tmp_path / "file", 65534, 65534)
    files.close_to_others([tmp_path / "file"])
    assert mode(tmp_path / "file") == 0o644


@pytest.fixture
def theirs(migrated):
    """Another user's home that no version with a lock for restores has opened yet."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    # Not below the test's own folder, through which only the tester may go.
    place = Path(tempfile.mkdtemp(prefix="theirs-"))
    shutil.copy(migrated, place / "whetstone.db")
    for path in (place, place / "whetstone.db"):
        os.chown(path, NOBODY, NOBODY)
    yield place
    shutil.rmtree(place)


def test_who_opened_it_once_as_root_has_not_shut_its_owner_out(theirs, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(theirs))
    by_root = Database.open()
    made = projects.create_project(by_root, "News")
    assert (theirs / file_swap.LOCK).exists()

    def work() -> None:
        db = Database.open()
        assert [each.name for each in projects.list_projects(db)] == ["News"]
        projects.rename_project(db, made.id, "Olds")
        db.close()

    assert by_its_owner(work) == 0
    assert projects.list_projects(by_root)[0].name == "Olds"
    by_root.close()
    check_file(theirs)


def test_a_lock_that_an_earlier_version_made_as_root_is_told_and_can_be_deleted(
    theirs, monkeypatch
):
    monkeypatch.setenv("WHETSTONE_HOME", str(theirs))
    by_root = Database.open()
    projects.create_project(by_root, "News")
    by_root.close()
    os.chown(theirs / file_swap.LOCK, 0, 0)

    def work() -> None:
        with pytest.raises(StorageError, match=r"swap.lock belongs to another user: delete it"):
            Database.open()
        (theirs / file_swap.LOCK).unlink()
        db = Database.open()
        projects.create_project(db, "More")
        assert len(projects.list_projects(db)) == 2
        db.close()

    assert by_its_owner(work) == 0
    check_file(theirs)


def by_its_owner(work: Callable[[], None]) -> int | None:
    """Do work in another process, as the user whose home it is; return how that ended."""

    def run() -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        work()
        os._exit(0)

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join(60)
    child.kill()
    return child.exitcode
