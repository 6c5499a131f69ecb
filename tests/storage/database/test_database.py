"""Opening, reading, writing, and what goes wrong with files."""

import contextlib
import errno
import io
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from storage import home as place
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines import group_commit, revisions
from storage.engines.schema import DocumentRow, ProjectRow
from storage.errors import BusyError, DamagedError, FaultError, NewerDatabaseError, StorageError

ROOT = Path(__file__).parents[3]


def setting(session, name: str):
    return session.execute(text(f"PRAGMA {name}")).scalar()


def set_revision(path: Path, revision: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
        connection.commit()


def test_connections_have_the_settings_that_keep_data_safe(db):
    for session_of in (db.read, db.write):
        with session_of() as session:
            assert setting(session, "journal_mode") == "wal"
            assert setting(session, "foreign_keys") == 1
            assert setting(session, "synchronous") == 1, "1 is NORMAL: whole at any moment"
            assert setting(session, "wal_autocheckpoint") == 0
            assert setting(session, "busy_timeout") == 30_000
            assert setting(session, "mmap_size") in (0, None)


@pytest.fixture
def synced(monkeypatch):
    """How long the log was each time that the disk was waited for."""
    found = []

    def fdatasync(file: int) -> None:
        found.append(os.fstat(file).st_size)

    monkeypatch.setattr(group_commit.os, "fdatasync", fdatasync)
    return found


def add_project(db, name: str, **how) -> None:
    with db.write(**how) as session:
        session.add(ProjectRow(name=name, task="spans", allow_overlaps=False, created_at=""))


def test_what_is_written_is_on_the_disk_when_the_block_ends(db, synced):
    add_project(db, "one")
    add_project(db, "two")
    assert len(synced) == 2
    assert synced[-1] == os.stat(f"{db.path}-wal").st_size


def test_what_would_be_found_again_waits_for_no_disk(db, synced):
    add_project(db, "one", durable=False)
    assert not synced


def test_the_disk_is_waited_for_once_for_all_who_wrote_meanwhile_and_nobody_waits_for_a_turn(
    db, monkeypatch
):
    waiting, slow, ends = threading.Event(), threading.Event(), time.monotonic() + 30
    synced = []

    def fdatasync(_: int) -> None:
        synced.append(threading.current_thread().name)
        waiting.set()
        assert slow.wait(30)

    monkeypatch.setattr(group_commit.os, "fdatasync", fdatasync)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(add_project, db, "first")
        assert waiting.wait(30)
        others = [pool.submit(add_project, db, f"other {number}") for number in range(3)]
        while db._commits._newest < 4:
            # All of them come to write, though the disk has not answered the first.
            assert time.monotonic() < ends
            time.sleep(0.01)
        assert not first.done() and not any(other.done() for other in others)
        slow.set()
        for each in (first, *others):
            each.result(30)
    assert len(synced) == 2


def test_where_the_disk_refuses_who_wrote_is_told(db, monkeypatch):
    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(group_commit.os, "fdatasync", refuse)
    with pytest.raises(StorageError, match="cannot be used"):
        add_project(db, "one")


def test_a_failed_block_changes_nothing(db):
    with pytest.raises(ZeroDivisionError), db.write() as session:
        session.add(ProjectRow(name="x", task="spans", allow_overlaps=False, created_at=""))
        session.flush()
        raise ZeroDivisionError
    assert projects.list_projects(db) == []


def test_a_value_that_never_reaches_the_database_is_a_sentence_too(db, project):
    row = {"project_id": project.id, "layout": {"x": object()}}
    with pytest.raises(FaultError, match="Nothing was changed"), db.write() as session:
        session.execute(insert(DocumentRow), row)


def test_a_reading_session_cannot_write(db):
    with pytest.raises(StorageError, match="readonly"), db.read() as session:
        session.execute(text("INSERT INTO settings VALUES ('a', '1')"))


def test_a_writing_session_holds_the_right_to_write_from_its_first_look(db, home):
    with db.write() as session, contextlib.closing(sqlite3.connect(home / "whetstone.db")) as other:
        session.execute(text("SELECT count(*) FROM projects"))
        other.execute("PRAGMA busy_timeout = 0")
        # Were it let in here, what was looked at would be old and the write would fail.
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("INSERT INTO settings VALUES ('a', '1')")


def test_a_write_is_on_disk_when_the_block_ends(db, home):
    projects.create_project(db, "News")
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as connection:
        assert connection.execute("SELECT name FROM projects").fetchall() == [("News",)]


def test_a_writer_that_gets_no_turn_says_so(home, migrated):
    shutil.copy(migrated, home / "whetstone.db")
    db = Database.open(patience=0.2)
    with place.lock(home / "write.lock"), pytest.raises(BusyError, match="try again shortly"):
        projects.create_project(db, "News")
    projects.create_project(db, "News")
    db.close()


def test_threads_of_one_process_get_no_turn_for_ever_either(home, migrated):
    shutil.copy(migrated, home / "whetstone.db")
    db = Database.open(patience=0.2)
    with db.write(), pytest.raises(BusyError):
        projects.create_project(db, "News")
    db.close()


def test_another_programs_lock_is_waited_for_and_then_named(home, migrated):
    shutil.copy(migrated, home / "whetstone.db")
    db = Database.open(patience=0.3)
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError):
            projects.create_project(db, "News")
    projects.create_project(db, "News")
    db.close()


def test_a_write_waits_for_its_turn(db, home):
    inside, order = threading.Event(), []

    def hold():
        with place.lock(home / "write.lock"):
            inside.set()
            time.sleep(0.3)
            order.append("the other")

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    projects.create_project(db, "News")
    order.append("the write")
    assert order == ["the other", "the write"]
    holder.join()


def test_the_url_hides_the_password(db, home):
    assert db.url == f"sqlite:///{home}/whetstone.db"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "holds no database URL"),
        ("mysql://host/name", "mysql is not a supported kind of database"),
        ("sqlite://", "in memory cannot be shared"),
        ("sqlite:////", "is a folder or lies in none"),
        ("sqlite:////no/such/place/a.db", "is a folder or lies in none"),
    ],
)
def test_an_unusable_url_is_one_sentence_with_the_remedy(url, sentence):
    with pytest.raises(StorageError, match=sentence) as caught:
        Database.open(url)
    assert "set WHETSTONE_DB to sqlite:////path/to/file.db" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql:/u:secret@host/db", "postgresql://u:secret@host:port/db", "u:secret@host"]
)
def test_no_message_about_a_url_repeats_its_password(url):
    with pytest.raises(StorageError) as caught:
        Database.open(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_file_that_is_no_database_is_refused_and_kept(home):
    (home / "whetstone.db").write_bytes(b"Dear diary, " * 500)
    with pytest.raises(DamagedError, match="no database at all .* restore a backup"):
        Database.open()
    assert (home / "whetstone.db").read_bytes().startswith(b"Dear diary")


def test_a_file_that_another_program_locks_is_not_called_broken(home, migrated):
    shutil.copy(migrated, home / "whetstone.db")
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError, match="keeps .* locked: close it first"):
            Database.open(patience=0.1)


def test_another_programs_database_is_refused_and_kept(home):
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = (home / "whetstone.db").read_bytes()
    with pytest.raises(StorageError, match="is a database of another program"):
        Database.open()
    assert (home / "whetstone.db").read_bytes() == before


def test_a_database_made_by_a_newer_version_is_refused_politely_and_kept(home, db):
    db.close()
    set_revision(home / "whetstone.db", "9999")
    with pytest.raises(NewerDatabaseError) as caught:
        Database.open()
    assert str(caught.value) == (
        f"The database {home}/whetstone.db was made by a newer version of Whetstone "
        f"(its revision is 9999, this version knows up to {revisions.newest()}): "
        "update Whetstone, or set WHETSTONE_DB to another database."
    )
    assert revisions.of_file(home / "whetstone.db") == "9999"
    assert not (home / "backups").exists()


def test_a_full_or_read_only_place_is_one_sentence(db, home):
    with db.write() as session:
        pages = setting(session, "page_count")
    with contextlib.ExitStack() as stack:
        session = stack.enter_context(pytest.raises(StorageError, match="full"))
        session = stack.enter_context(db.write())
        session.execute(text(f"PRAGMA max_page_count={pages}"))
        for number in range(200):
            session.execute(
                text("INSERT INTO settings VALUES (:k, :v)"), {"k": str(number), "v": "x" * 5000}
            )
    projects.create_project(db, "It works again")


def test_opening_an_up_to_date_database_needs_no_alembic(db, home):
    code = (
        "import sys\n"
        "from storage.database.connection import Database\n"
        "from storage.corpus import documents, projects\n"
        "from storage.database import settings\n"
        "from storage.journal import annotations\n"
        "from storage.runs import reports, runs\n"
        "Database.open().close()\n"
        "heavy = {'alembic', 'pandas', 'numpy', 'pyarrow', 'torch', 'streamlit'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_vocabulary_loads_without_sqlalchemy():
    code = (
        "import sys, storage.types, storage.errors, storage.hashing, storage.home\n"
        "print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_making_a_database_is_silent(home, caplog):
    out = io.StringIO()
    with caplog.at_level(logging.WARNING), contextlib.redirect_stdout(out):
        Database.open().close()
    assert out.getvalue() == ""
    assert caplog.records == []


def test_many_threads_each_get_a_connection(db):
    gate = threading.Barrier(40)
    seen = []

    def read():
        with db.read() as session:
            session.execute(text("SELECT 1"))
            gate.wait(timeout=240)
            seen.append(1)

    threads = [threading.Thread(target=read) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 40
