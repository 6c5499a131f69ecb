"""Several processes on one home folder, and processes that are killed in the middle."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.backups import copies, restoring
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.finding import progress
from storage.journal import annotations
from storage.runs import runs
from storage.types import Span, Status
from tests.storage.conftest import sentence, stored

ROOT = Path(__file__).parents[3]


def together(start, home: Path, count: int, *words: object) -> list[list[str]]:
    """Run a worker in several processes that begin at the same instant; return what each said."""
    gate = home / "gate"
    processes = [start(words[0], gate, *words[1:]) for _ in range(count)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    gate.touch()
    said = [process.communicate(timeout=240)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0] * count
    return said


def check_file(home: Path) -> None:
    """Fail where the file is damaged or a row has lost its parent; a server sees to that itself."""
    if os.environ.get("WHETSTONE_DB", "").startswith("postgresql"):
        return
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def kill_after(process: subprocess.Popen, seconds: float) -> list[str]:
    """Let a process run on, kill it with -9 and return the lines it had said."""
    first = process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    return [first, *process.stdout.read().splitlines(keepends=True)]


def rounds(count: int) -> list:
    """Return numbers of which the first is tried always, the others with the long tests."""
    return [0, *(pytest.param(number, marks=pytest.mark.long) for number in range(1, count))]


@pytest.mark.parametrize("round", rounds(8))
def test_every_acknowledged_edit_survives_kill_9(start, db, project, home, round):
    document = stored(db, project, sentence())[0]
    process = start("edit", project.id, document, "k")
    lines = [line for line in kill_after(process, 0.2 + 0.13 * round) if line.endswith("\n")]
    acknowledged = int(lines[-1].split()[0])
    check_file(home)
    after = annotations.open_annotation(db, document, "ada")
    with db.read() as session:
        query = "SELECT seq, revision FROM journal ORDER BY id"
        recorded = session.connection().exec_driver_sql(query).all()
    # At most one edit was stored whose answer got lost.
    assert acknowledged >= 1
    assert len(recorded) in (acknowledged, acknowledged + 1)
    assert recorded == [(n, n) for n in range(1, len(recorded) + 1)]
    assert after.revision == len(recorded)
    odd = after.revision % 2
    assert after.spans == ((Span(0, 3, "PER"),) if odd else ())
    # Who was killed holds nobody up.
    assert projects.create_project(db, "Afterwards").name == "Afterwards"


@pytest.mark.parametrize("round", rounds(6))
def test_an_import_killed_with_9_is_there_whole_or_not_at_all(start, db, project, home, round):
    process = start("load", project.id, 800)
    lines = kill_after(process, 0.05 + 0.17 * round)
    check_file(home)
    count = documents.count_documents(db, project.id)
    assert count % 800 == 0
    assert count >= 800 * len([line for line in lines if line.endswith("\n")])
    assert documents.add_documents(db, project.id, [sentence()], "ada") == 1


def test_processes_write_at_the_same_time_without_an_error(start, db, home):
    said = together(start, home, 3, "write", 40)
    assert said == [["done"]] * 3
    assert len(projects.list_projects(db)) == 120
    check_file(home)


@pytest.mark.sqlite
def test_processes_open_a_new_database_at_the_same_instant(start, home):
    said = together(start, home, 3, "open")
    # Nothing but the worker's own line: migrations are silent on standard output.
    assert said == [["opened 0"]] * 3
    check_file(home)
    # Only an existing database is backed up before a migration.
    assert not (home / "backups").exists()


def test_each_run_is_claimed_by_one_process(start, db, project, home):
    made = [runs.create_run(db, project.id, {}).id for _ in range(60)]
    said = together(start, home, 3, "claim")
    claimed = Counter(line for lines in said for line in lines if line != "done")
    assert claimed == {f"{run} 1": 1 for run in made}


def test_processes_agree_on_one_secret(home):
    code = (
        "import os, sys\n"
        "from storage import home\n"
        "print('ready', flush=True)\n"
        "while not os.path.exists(sys.argv[1]): pass\n"
        "print(home.secret().hex())"
    )
    command = [sys.executable, "-c", code, str(home / "gate")]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 4
    (home / "gate").touch()
    said = {process.communicate(timeout=240)[0] for process in processes}
    assert len(said) == 1 and len(said.pop()) == 65
    assert sorted(path.name for path in home.iterdir()) == ["gate", "secret"]


def test_one_process_at_a_time_may_run_jobs(start, db, home):
    holder = start("hold_runner", home / "gate")
    assert holder.stdout.readline() == "held\n"
    lock = db.runner_lock()
    assert not lock.acquire()
    holder.kill()
    holder.wait()
    # The system frees the lock of a process however it ended.
    assert lock.acquire()
    assert lock.acquire(), "asking again keeps it"
    assert not db.runner_lock().acquire()
    lock.release()
    assert db.runner_lock().acquire()


def test_a_reader_sees_one_moment_while_another_process_writes(start, db, project):
    document = stored(db, project, sentence())[0]
    process = start("edit", project.id, document, "k")
    process.stdout.readline()
    query = "SELECT count(*) FROM journal"
    with db.read() as session:
        first = session.connection().exec_driver_sql(query).scalar()
        for _ in range(3):
            process.stdout.readline()
        assert session.connection().exec_driver_sql(query).scalar() == first
    with db.read() as session:
        assert session.connection().exec_driver_sql(query).scalar() > first


def test_threads_write_and_read_at_the_same_time(db):
    def work(number: int) -> int:
        made = projects.create_project(db, f"Project {number}")
        return progress.of(db, made.id).by_status[Status.DONE]

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(work, range(60))) == {0}
    assert len(projects.list_projects(db)) == 60


@pytest.mark.sqlite
def test_the_log_stays_short_although_another_handle_is_open(db, project, home):
    other = Database.open()
    projects.list_projects(other)
    for _ in range(7):
        stored(db, project, *(sentence(f"Ada {n} " + "x" * 50_000) for n in range(60)))
    # 21 MB of text went through it, 3 MB a time.
    assert (home / "whetstone.db-wal").stat().st_size < 10 * 2**20
    assert documents.count_documents(other, project.id) == 420
    other.close()


@pytest.mark.sqlite
def test_a_restore_beside_writers_of_other_processes_loses_nothing_that_was_acknowledged(
    start, db, project, home
):
    path, gate = home / "whetstone.db", home / "gate"
    stored(db, project, sentence())
    backup = copies.make(path, copies.ASKED)
    writers = [start("write", gate, 80) for _ in range(3)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    gate.touch()
    for _ in range(3):
        time.sleep(0.15)
        restoring.restore(path, backup)
    assert [writer.wait(timeout=240) for writer in writers] == [0] * 3
    check_file(home)
    made = {found.name for found in projects.list_projects(db)}
    for aside in (home / "set-aside").iterdir():
        check_file(aside)
        with contextlib.closing(sqlite3.connect(aside / "whetstone.db")) as connection:
            made |= {name for (name,) in connection.execute("SELECT name FROM projects")}
    expected = {f"{writer.pid} {number}" for writer in writers for number in range(80)}
    assert expected <= made
