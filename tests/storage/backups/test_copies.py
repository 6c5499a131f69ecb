"""Copies of a database: made by themselves once a day, whole, private, and not without end."""

import os
import shutil
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from storage import home as place
from storage.backups import copies, noted, restoring, rolling
from storage.corpus import projects
from storage.errors import DamagedError, NotFoundError, StorageError
from tests.storage.conftest import sentence, stored
from tests.storage.damage import damage


@pytest.fixture
def path(db, project, home):
    """The open database's file, with a document."""
    stored(db, project, sentence())
    return home / "whetstone.db"


def age(path, days: float) -> None:
    """Let the copies that there are have been made some days earlier."""
    for backup in copies.known(path):
        at = backup.at - timedelta(days=days)
        text = at.isoformat(timespec="milliseconds").replace(":", "").replace("+0000", "Z")
        backup.path.rename(backup.path.with_name(f"whetstone-{backup.kind}-{text}.db"))


def test_the_copy_of_a_database_in_use_holds_what_is_in_its_log_only(db, project, path):
    stored(db, project, sentence(), sentence())
    made = copies.make(path, copies.ASKED)
    (backup,) = copies.known(path)
    assert backup.path == made
    assert backup.kind == "asked"
    assert datetime.now(UTC) - backup.at < timedelta(minutes=1)
    assert copies.counts(backup) == copies.Counts(documents=3, edits=0) == copies.present(path)
    assert copies.find(path, backup.name) == backup
    assert [file.name for file in made.parent.iterdir()] == [made.name], "nothing else is left"


def test_nobody_else_may_read_a_copy(path):
    made = copies.make(path, copies.ASKED)
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_is_made_of_a_database_that_holds_nothing_yet(home, migrated):
    shutil.copy(migrated, home / "whetstone.db")
    assert copies.make_daily(home / "whetstone.db") is None
    assert copies.make_daily(home / "not there.db") is None


def test_a_copy_is_made_once_a_day_and_only_where_something_changed(db, path):
    assert copies.make_daily(path)
    projects.create_project(db, "More")
    assert copies.make_daily(path) is None, "today's is there"
    age(path, days=1)
    assert copies.make_daily(path)
    age(path, days=1)
    now = time.time()
    for name in ("whetstone.db", "whetstone.db-wal"):
        os.utime(path.with_name(name), (now - 2 * 86400, now - 2 * 86400))
    assert copies.make_daily(path) is None, "nothing has changed since"
    assert len(copies.known(path)) == 2


def test_a_clock_that_was_set_back_stops_no_copies(path):
    copies.make_daily(path)
    age(path, days=-400)
    later = time.time() + 500 * 86400
    os.utime(path, (later, later))
    assert copies.make_daily(path)


def test_the_eldest_goes_when_another_day_comes_and_what_a_person_asked_for_stays(path):
    copies.make(path, copies.ASKED)
    folder = path.with_name("backups")
    age(path, days=1)
    for day in range(2, 61):
        at = datetime.now(UTC) - timedelta(days=day)
        (folder / f"whetstone-daily-{at:%Y-%m-%dT%H%M%S}.000Z.db").touch()
    assert copies.make_daily(path)
    kinds = [backup.kind for backup in copies.known(path)]
    assert kinds.count("daily") == 7 + 4
    assert kinds.count("asked") == 1


def test_of_the_days_seven_are_kept_and_of_four_weeks_before_them_the_newest():
    # The first is a Monday.
    days = [datetime(2026, 9, 28, 10, tzinfo=UTC) + timedelta(days=n) for n in range(61)]
    kept, found = set(), []
    for day in days:
        kept = rolling.kept({*kept, day})
        found.append(len(kept))
    assert found[:10] == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
    assert found[-1] == 11
    newest = [f"{day:%m-%d}" for day in sorted(kept)]
    assert newest[-7:] == ["11-21", "11-22", "11-23", "11-24", "11-25", "11-26", "11-27"]
    assert newest[:4] == ["11-01", "11-08", "11-15", "11-20"]


def test_a_copy_is_read_back_before_it_is_one(path):
    made = copies.make(path, copies.ASKED)
    assert noted.of_copy(path, made).complaint == ""
    damage(made, "journal")
    (backup,) = copies.known(path)
    complaint = copies.check(path, backup)
    assert complaint and noted.of_copy(path, made).complaint == complaint
    copies.drop(path, backup.name)
    assert copies.known(path) == []
    copies.make(path, copies.ASKED)
    assert noted.of_copy(path, made) is None, "of what is gone nothing is kept"


def test_what_a_restore_put_aside_is_dropped_with_its_log(db, project, path):
    aside = restoring.restore(path, copies.make(path, copies.ASKED))
    copies.drop(path, f"set-aside/{aside.name}")
    assert not aside.exists()
    assert projects.list_projects(db)


def test_no_copy_takes_the_room_that_work_needs(path, monkeypatch):
    disk = shutil.disk_usage(path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: disk._replace(free=300_000_000))
    with pytest.raises(
        StorageError, match=r"too full for a backup \(needs 53\d.*has 300.0 MB.*delete"
    ):
        copies.make(path, copies.ASKED)
    assert list(path.with_name("backups").iterdir()) == []


def test_two_processes_make_one_copy(path):
    with place.lock(home_lock := place.lock_file(path, "backup.lock")):
        assert copies.make_daily(path) is None
    assert home_lock.name == "backup.lock"
    assert copies.make_daily(path)


def test_what_was_left_by_one_who_was_killed_is_swept_away(path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    folder = path.with_name("backups")
    folder.mkdir()
    for stem, process in (("whetstone", dead.pid), ("whetstone", os.getpid()), ("w", dead.pid)):
        (folder / f"{stem}-daily-2026-11-26T100000.000Z.{process}.part").touch()
    copies.make_daily(path)
    left = {file.name.split("-daily")[0]: file for file in folder.glob("*.part")}
    assert set(left) == {"whetstone", "w"}, "what others make, and other databases' stay"
    assert f".{os.getpid()}." in left["whetstone"].name


def test_a_damaged_database_is_not_copied_over_good_days(db, project, path):
    stored(db, project, *(sentence(f"Ada met Bob {number}.") for number in range(300)))
    db.close()
    damage(path, "documents")
    with pytest.raises(DamagedError, match="is damaged"):
        copies.make_daily(path)
    assert copies.known(path) == []


def test_copies_are_made_whole_while_somebody_writes(db, project, path):
    stop = threading.Event()

    def write():
        while not stop.is_set():
            stored(db, project, *(sentence(f"{time.time()} {n}") for n in range(50)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(8):
            copies.make(path, copies.ASKED)
    finally:
        stop.set()
        writer.join()
    found = [copies.counts(backup).documents for backup in reversed(copies.known(path))]
    assert found == sorted(found)
    assert all(count % 50 == 1 for count in found), "no transaction is torn"


def test_a_database_beside_another_has_copies_of_its_own(path):
    other = path.with_name("other.db")
    copies.make(path, copies.ASKED)
    assert copies.known(other) == []
    with pytest.raises(NotFoundError, match="choose one from the list"):
        copies.find(other, "no-such.db")


def test_a_copy_for_which_there_is_no_space_leaves_nothing(db, path, full_disk):
    with pytest.raises(StorageError, match="whetstone.db"):
        copies.make(path, copies.ASKED)
    assert list(path.with_name("backups").iterdir()) == []
    assert projects.list_projects(db)
