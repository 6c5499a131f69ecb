"""Going back to a copy: nothing is lost, others go on with it, no kill leaves half of it."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
import threading
import time

import pytest

from storage.backups import copies, restoring
from storage.corpus import documents, projects
from storage.database.connection import Database, probe
from storage.engines import file_swap, revisions, sqlite
from storage.errors import (
    BusyError,
    DamagedError,
    NewerDatabaseError,
    RefusedError,
    StorageError,
)
from storage.finding import facets
from storage.finding.sets import memberships
from storage.home import lock
from storage.journal import annotations
from storage.runs import runs
from storage.types import RunState
from tests.storage.conftest import sentence, stored
from tests.storage.damage import damage
from tests.storage.database.test_processes import check_file


@pytest.fixture
def path(db, home):
    """The open database's file."""
    return home / "whetstone.db"


@pytest.fixture
def backup(db, project, path):
    """A copy from when there were two documents; now there are three."""
    stored(db, project, sentence(), sentence())
    made = copies.make(path, copies.ASKED)
    stored(db, project, sentence())
    return made


def texts(file) -> list[str]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM documents")]


def test_everyone_who_has_it_open_goes_on_with_the_restored_one(db, project, path, backup, home):
    other = Database.open()
    assert documents.count_documents(other, project.id) == 3
    restoring.restore(path, backup)
    for each in (db, other):
        assert documents.count_documents(each, project.id) == 2
    stored(other, project, sentence("Made afterwards."))
    assert documents.count_documents(db, project.id) == 3
    other.close()
    db.close()
    again = Database.open()
    assert documents.count_documents(again, project.id) == 3
    again.close()
    check_file(home)


def test_a_reader_in_the_middle_sees_its_moment_to_the_end(db, project, path, backup):
    with db.read() as session:
        count = "SELECT count(*) FROM documents"
        assert session.connection().exec_driver_sql(count).scalar() == 3
        restoring.restore(path, backup)
        assert session.connection().exec_driver_sql(count).scalar() == 3
    assert documents.count_documents(db, project.id) == 2


def test_readers_meet_no_moment_without_a_database(db, project, path, backup):
    stop, trouble, counts = threading.Event(), [], set()

    def read() -> None:
        other = Database.open()
        while not stop.is_set():
            try:
                counts.add(documents.count_documents(other, project.id))
                # One that is opened anew has no connection that it could go on with.
                other.close()
            except Exception as error:
                trouble.append(error)
        other.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(8):
            restoring.restore(path, backup)
            stored(db, project, sentence())
    finally:
        # Else they would read on beside all the tests that follow.
        stop.set()
        for reader in readers:
            reader.join()
    assert trouble == []
    assert counts <= {2, 3}


@pytest.mark.parametrize("step", ["opens", "closes"])
def test_no_other_file_comes_while_somebody_opens_or_closes_this_one(
    db, path, backup, step, monkeypatch
):
    """SQLite would take the new file's log for the old one's, write to it and delete it."""
    paused, go_on = threading.Event(), threading.Event()

    class Slow(sqlite.Connection):
        def wait(self) -> None:
            paused.set()
            assert go_on.wait(30)

        def execute(self, *arguments):
            if step == "opens" and not paused.is_set():
                self.wait()
            return super().execute(*arguments)

        def _close(self) -> None:
            if step == "closes" and not paused.is_set():
                self.wait()
            super()._close()

    monkeypatch.setattr(sqlite, "Connection", Slow)
    before = file_swap.identity(path)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        closing = threads.submit(lambda: sqlite.connect(path, 30.0).close())
        assert paused.wait(30)
        # What a restore does up to here opens the file, too.
        monkeypatch.undo()
        restore = threads.submit(restoring.restore, path, backup)
        try:
            with pytest.raises(concurrent.futures.TimeoutError):
                restore.result(0.5)
            assert file_swap.identity(path) == before
        finally:
            go_on.set()
        closing.result(30)
        restore.result(30)
    assert file_swap.identity(path) != before
    assert documents.count_documents(db, 1) == 2


def test_who_stands_still_in_opening_keeps_a_restore_from_being_decided(
    db, project, path, backup, monkeypatch
):
    monkeypatch.setattr(file_swap, "PATIENCE", 0.2)

    def open_and_stand_still() -> None:
        with file_swap.still(path):
            os.kill(os.getpid(), signal.SIGSTOP)

    child = multiprocessing.get_context("fork").Process(target=open_and_stand_still)
    child.start()
    try:
        os.waitid(os.P_PID, child.pid, os.WSTOPPED)
        with pytest.raises(BusyError, match="try again"):
            restoring.restore(path, backup)
        assert not file_swap.is_pending(path)
        assert list((path.parent / "set-aside").iterdir()) == []
        assert documents.count_documents(db, project.id) == 3
        stored(db, project, sentence())
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    restoring.restore(path, backup)
    assert documents.count_documents(db, project.id) == 2


def test_a_restore_that_stands_still_keeps_nobody_longer_than_they_are_patient(
    db, project, path, backup
):
    def change_and_stand_still() -> None:
        with file_swap._while_nobody_opens(path):
            os.kill(os.getpid(), signal.SIGSTOP)

    child = multiprocessing.get_context("fork").Process(target=change_and_stand_still)
    child.start()
    try:
        os.waitid(os.P_PID, child.pid, os.WSTOPPED)
        for ask in (probe, lambda patience: Database.open(patience=patience)):
            begun = time.monotonic()
            with pytest.raises(BusyError, match="try again"):
                ask(0.2)
            assert time.monotonic() - begun < 10
        stored(db, project, sentence("By who has it open."))
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    # The system frees the lock of a process however it ended.
    assert documents.count_documents(db, project.id) == 4
    probe(0.2)
    restoring.restore(path, backup)
    assert documents.count_documents(db, project.id) == 2
    check_file(path.parent)


def test_what_was_there_lies_aside_with_its_log_and_can_be_gone_back_to(db, path, backup, project):
    log = (path.parent / "whetstone.db-wal").stat().st_size
    assert log, "what was committed last is in the log only"
    aside = restoring.restore(path, backup)
    assert sorted(file.name for file in aside.iterdir())[:2] == ["whetstone.db", "whetstone.db-shm"]
    assert (aside / "whetstone.db-wal").stat().st_size == log
    assert aside.stat().st_mode & 0o777 == 0o700
    found = copies.find(path, f"set-aside/{aside.name}")
    assert found.kind == "set-aside"
    assert copies.counts(found) == copies.Counts(3, 0)
    assert (aside / "whetstone.db-wal").stat().st_size == log, "looking changes nothing"
    restoring.restore(path, found.path)
    assert documents.count_documents(db, project.id) == 3


def test_the_backup_itself_stays_and_can_be_restored_again(db, project, path, backup):
    for _ in range(2):
        restoring.restore(path, backup)
        assert documents.count_documents(db, project.id) == 2
        stored(db, project, sentence())


def test_what_is_known_in_memory_is_not_mixed_with_what_comes(db, project, path):
    first, second = stored(db, project, sentence(), sentence())

    def finish(document: int) -> None:
        edit = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
        outcome = annotations.apply_operations(db, project.id, document, "ada", "c", [edit])
        assert outcome.results[0]["status"] == "saved", outcome.results

    done = (memberships.Facet.STATUS, memberships.DetailedStatus.EMPTY)
    backup = copies.make(path, copies.ASKED)
    finish(first)
    assert facets.index(db, project.id).having(*done) == 1 << first
    restoring.restore(path, backup)
    finish(second)
    # The same number in the journal, another edit.
    assert facets.index(db, project.id).having(*done) == 1 << second


def test_a_damaged_database_is_replaced_and_kept(db, project, path, backup):
    db.close()
    damage(path, "documents")
    broken = path.read_bytes()
    aside = restoring.restore(path, backup)
    assert (aside / "whetstone.db").read_bytes() == broken
    assert len(texts(path)) == 2


@pytest.mark.parametrize("state", ["nothing", "empty", "no database"])
def test_there_need_be_no_database_to_restore_one(db, path, backup, state):
    db.close()
    path.unlink()
    if state != "nothing":
        path.write_bytes(b"" if state == "empty" else b"Dear diary, " * 500)
    restoring.restore(path, backup)
    assert len(texts(path)) == 2


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    db, project, path, tmp_path, monkeypatch
):
    older = tmp_path / "migrations"
    shutil.copytree(revisions.MIGRATIONS, older)
    newest = sorted((older / "versions").glob("0*.py"))[-1]
    newest.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(revisions, "MIGRATIONS", older)
        Database.open(f"sqlite:///{tmp_path}/old.db").close()
    restoring.restore(path, tmp_path / "old.db")
    assert projects.list_projects(db) == []
    assert revisions.of_file(path) == revisions.newest()
    assert revisions.of_file(tmp_path / "old.db") != revisions.newest()


def test_what_cannot_be_restored_leaves_everything_as_it_was(db, path, backup, tmp_path):
    shutil.copy(backup, newer := tmp_path / "newer.db")
    with contextlib.closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    shutil.copy(backup, broken := tmp_path / "broken.db")
    damage(broken, "journal")
    (tmp_path / "empty.db").touch()
    for name, kind, words in (
        ("newer.db", NewerDatabaseError, "update Whetstone"),
        ("broken.db", DamagedError, "choose another one"),
        ("empty.db", StorageError, "is empty: choose another one"),
        ("none.db", StorageError, "There is no file"),
    ):
        with pytest.raises(kind, match=words):
            restoring.restore(path, tmp_path / name)
    assert copies.present(path).documents == 3
    assert not (path.parent / "set-aside").exists()


def test_a_restore_for_which_there_is_no_space_changes_nothing(
    db, project, path, backup, full_disk
):
    with pytest.raises(StorageError, match="new.db"):
        restoring.restore(path, backup)
    assert documents.count_documents(db, project.id) == 3
    assert list((path.parent / "set-aside").iterdir()) == []


def test_a_run_at_work_is_not_lost_sight_of(db, project, path, backup):
    run = runs.create_run(db, project.id, {})
    runs.claim_next(db)
    with pytest.raises(RefusedError, match="wait for its end or cancel it"):
        restoring.restore(path, backup)
    runs.set_state(db, run.id, RunState.FAILED, "")
    restoring.restore(path, backup)
    assert runs.list_runs(db) == []


def test_a_writer_is_waited_for(db, path, backup):
    with lock(path.with_name("write.lock")), pytest.raises(BusyError):
        restoring.restore(path, backup, patience=0.1)


STEPS = {"os.rename", "os.remove", "os.symlink", "os.mkdir", "sqlite3.connect", "open", "os.rmdir"}


def killed_at(step: int, path, backup) -> bool:
    """Restore in another process that kills itself at one of its steps; tell whether it did."""

    def work() -> None:
        left = step

        def count(event: str, _arguments: tuple) -> None:
            nonlocal left
            if event in STEPS:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        restoring.restore(path, backup)

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    assert child.exitcode in (0, -9)
    return child.exitcode == -9


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.long)])
def test_killed_anywhere_either_the_old_or_the_new_database_is_there_whole(
    home, migrated, say, every
):
    shutil.copy(migrated, home / "whetstone.db")
    path, seen, step = home / "whetstone.db", [], 1
    db = Database.open()
    project = projects.create_project(db, "News")
    stored(db, project, sentence(), sentence())
    backup = copies.make(path, copies.ASKED)
    while True:
        stored(db, project, sentence(f"Written last, {step}"))
        before = documents.count_documents(db, project.id)
        assert path.with_name("whetstone.db-wal").stat().st_size, "it is in the log only"
        killed = killed_at(step, path, backup)
        # By turns the first to look is one who had it open, or one who comes afterwards.
        if step % 2:
            seen.append(documents.count_documents(db, project.id))
        fresh = Database.open()
        found = {documents.count_documents(each, project.id) for each in (fresh, db)}
        assert found in ({before}, {2})
        seen += found
        stored(db, project, sentence(f"Written after, {step}"))
        assert documents.count_documents(fresh, project.id) == seen[-1] + 1
        fresh.close()
        check_file(home)
        assert not os.path.lexists(f"{path}.restoring")
        if not killed:
            break
        step += every
    assert seen[-1] == 2 and step > 15
    db.close()
    say(f"a restore was killed at {step // every} steps")
