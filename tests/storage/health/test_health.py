"""What is told of a store: each bad state in a sentence with what to do, and nothing is changed."""

import contextlib
import os
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.backups import checking, copies
from storage.backups.background import Check
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines import revisions
from storage.health import findings, holders, state, versions
from storage.health.findings import Level
from storage.health.state import Health, Sizes
from tests.readonly import read_only
from tests.storage.conftest import sentence, stored
from tests.storage.damage import damage
from tests.storage.server import needs_postgres

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ROOM = Sizes(database=10**6, free=10**11, disk=10**12)
WHOLE = Health("/h/whetstone.db", state.SQLITE, "3.51.3", revisions.newest(), sizes=ROOM)


@pytest.fixture
def path(db, project, home):
    """The open database's file."""
    stored(db, project, *(sentence(f"Ada met Bob {number}.") for number in range(300)))
    return home / "whetstone.db"


def told(health: Health, about: str) -> tuple[Level, str]:
    """Return what is said about one thing."""
    (found,) = (each for each in findings.of(health, NOW) if each.about == about)
    return found.level, found.sentence


@pytest.mark.parametrize(
    ("version", "has"),
    [("3.6.23", False), ("3.7.0", True), ("3.40.1", True), ("3.44.5", True), ("3.44.6", False)]
    + [("3.45.0", True), ("3.50.6", True), ("3.50.7", False), ("3.51.2", True), ("3.51.3", False)]
    + [("3.52.0", False), ("4.0.0", False)],
)
def test_it_is_known_which_versions_have_the_bug_and_told_why_it_does_no_harm(version, has):
    assert versions.has_reset_bug(tuple(map(int, version.split(".")))) is has
    level, said = told(replace(WHOLE, version=version), "SQLite")
    assert level is (Level.NOTE if has else Level.GOOD)
    assert ("one process at a time writes" in said) is has


def test_a_store_in_order_is_told_so(db, path):
    checking.full(path)
    backup = copies.make(path, copies.ASKED)
    found = state.look()
    assert (found.place, found.revision, found.problem) == (str(path), revisions.newest(), "")
    assert found.checked.complaint == found.verified.complaint == ""
    assert found.backup.path == backup
    sizes = found.sizes
    assert sizes.database == path.stat().st_size and sizes.backups == backup.stat().st_size
    assert sizes.log > 0 and 0 < sizes.free < sizes.disk
    assert found.filesystem
    assert findings.worst(findings.of(found)) in (Level.GOOD, Level.NOTE)


def test_who_has_it_open_and_who_leads_is_told(db, path):
    lock = db.runner_lock()
    assert lock.acquire()
    (found,) = holders.of(path)
    assert found.process == os.getpid()
    assert found.roles == ("has it open", "starts and follows runs")
    assert found.name
    lock.release()
    db.close()
    assert holders.of(path) == ()


def test_where_the_system_does_not_tell_nothing_is_made_up(path, monkeypatch, tmp_path):
    monkeypatch.setattr(holders, "LOCKS", tmp_path / "none")
    assert holders.of(path) is None


def test_a_look_makes_no_database(home):
    found = state.look()
    assert found.revision is None and found.problem == ""
    assert list(home.iterdir()) == []
    assert told(found, "Schema") == (
        Level.NOTE,
        "There is no database yet: it is made at the next start.",
    )


def spoil(kind: str, path, tmp_path) -> None:
    if kind == "newer":
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    elif kind == "emptied":
        copies.make(path, copies.ASKED)
        path.write_bytes(b"")
    elif kind == "damaged":
        damage(path, "documents")
    elif kind == "torn":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        path.write_bytes(b"Dear diary, " * 500)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("newer", "update Whetstone"), ("emptied", "restore a backup, or begin")]
    + [(kind, "restore a backup") for kind in ("damaged", "torn", "none")],
)
def test_what_is_in_the_way_is_told_with_what_to_do(db, path, kind, words, tmp_path):
    db.close()
    spoil(kind, path, tmp_path)
    before = path.read_bytes()
    level, said = told(state.look(), "Database")
    assert level is Level.ERROR
    assert words in said
    assert path.read_bytes() == before


def test_an_older_database_is_told_so_and_not_brought_up_to_date_by_a_look(
    home, tmp_path, monkeypatch
):
    older = tmp_path / "migrations"
    shutil.copytree(revisions.MIGRATIONS, older)
    sorted((older / "versions").glob("0*.py"))[-1].unlink()
    with monkeypatch.context() as patched:
        patched.setattr(revisions, "MIGRATIONS", older)
        Database.open().close()
        before = revisions.newest()
    level, said = told(state.look(), "Schema")
    assert level is Level.NOTE
    assert "is of an older version" in said and "after a backup" in said
    assert revisions.of_file(home / "whetstone.db") == before


def test_a_home_that_can_only_be_read_is_told_so(db, path, monkeypatch):
    db.close()
    assert state.look().problem == ""
    with read_only(path.parent) as home:
        monkeypatch.setenv("WHETSTONE_HOME", str(home))
        assert "make the file and its folder writable" in told(state.look(), "Database")[1]


def test_a_locked_file_is_told_so(db, path, monkeypatch):
    db.close()
    monkeypatch.setattr(state, "PATIENCE_SECONDS", 0.1)
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        assert "keeps" in told(state.look(), "Database")[1]


def test_little_room_is_told_before_there_is_none():
    for free, level in ((10**11, Level.GOOD), (10**9, Level.WARNING), (10**8, Level.ERROR)):
        found = told(replace(WHOLE, sizes=replace(ROOM, free=free)), "Space")
        assert found[0] is level
        assert ("free some space" in found[1]) == (level is not Level.GOOD)
    large = replace(ROOM, database=10**11, free=10**11 + 1)
    assert told(replace(WHOLE, sizes=large), "Space")[0] is Level.WARNING


def test_an_old_backup_is_told_where_something_changed_since(path):
    copies.make(path, copies.ASKED)
    found = state.look()
    late = replace(found.backup, at=NOW - timedelta(days=5))
    assert told(replace(found, backup=late, changed_since=True), "Backup") == (
        Level.WARNING,
        "The newest backup is 5 days old, and the database was changed since: make one now, which "
        "says what was in the way.",
    )
    assert told(replace(found, backup=late, changed_since=False), "Backup")[0] is Level.GOOD


def test_damage_in_the_newest_backup_is_told(path):
    made = copies.make(path, copies.ASKED)
    damage(made, "documents")
    assert copies.check(path, copies.known(path)[0])
    level, said = told(state.look(), "Backup")
    assert level is Level.ERROR and "make another one now" in said


def test_of_a_file_that_a_restore_put_there_the_last_check_says_nothing(db, path):
    from storage.backups import restoring

    checking.full(path)
    assert told(state.look(), "Check")[0] is Level.GOOD
    restoring.restore(path, copies.make(path, copies.ASKED))
    assert told(state.look(), "Check")[0] is Level.NOTE


def test_a_network_folder_and_a_long_log_are_told():
    assert "WHETSTONE_HOME" in told(replace(WHOLE, filesystem="nfs4"), "Folder")[1]
    long = replace(ROOM, log=10**9)
    assert "1.0 GB" in told(replace(WHOLE, sizes=long), "Log")[1]


def test_notes_that_somebody_damaged_are_found_out_anew(path):
    checking.full(path)
    path.with_name("checked.json").write_bytes(b'{"whetstone.db": {"at": 1}}')
    assert state.look().checked is None
    checking.full(path)
    assert state.look().checked.complaint == ""


def test_a_check_in_the_background_judges_when_it_is_done(db, path):
    judged = []
    check = Check(path, judged.append)
    check.start()
    check.wait()
    assert judged == [None] and not check.running and check.trouble is None
    damage(path, "documents")
    check = Check(path, judged.append)
    check.start()
    check.wait()
    assert judged[1:] == [check.trouble] != [None]


def test_a_check_that_was_stopped_found_nothing(path, monkeypatch):
    monkeypatch.setattr(checking, "STEPS", 1)
    check = Check(path, lambda _found: pytest.fail("judged"))
    check._stopping.set()
    check.start()
    check.wait()
    assert check.stopped and check.trouble is None
    assert state.look().checked is None


@needs_postgres
def test_a_server_is_told_with_its_version(copied, home, monkeypatch):
    monkeypatch.setenv("WHETSTONE_DB", copied)
    db = Database.open()
    projects.create_project(db, "News")
    found = state.look()
    assert found.engine == "PostgreSQL" and int(found.version.split(".")[0]) >= 12
    assert found.revision == revisions.newest() and found.sizes.database > 0
    assert "whetstone" in found.place and found.problem == ""
    assert {each.about for each in findings.of(found)} == {"Schema", "Space"}
    db.close()


def test_a_server_that_does_not_answer_is_told(home, monkeypatch):
    monkeypatch.setenv("WHETSTONE_DB", "postgresql://u:secret@127.0.0.1:9/x")
    found = state.look()
    level, said = told(found, "Database")
    assert level is Level.ERROR and "check that it runs" in said and "secret" not in said
