"""A log that lost its end, or is damaged (fault 11): the start notices it and says what to do."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from storage.backups import noted
from storage.corpus import projects
from storage.database.connection import Database, probe
from storage.engines import log
from storage.health import findings, state
from tests.conftest import furnish
from tests.storage.database.test_processes import check_file
from tests.storage.faults.conftest import make_desk, settle

EDITS = 30


def work(home: Path) -> None:
    """Edit, and be killed: the log and its index stay, as an end without a goodbye leaves them."""
    os.environ["WHETSTONE_HOME"] = str(home)
    db = Database.open()
    desk = make_desk(db)
    for _ in range(EDITS):
        desk.edit()
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def killed(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose last changes are in the log only, after a kill."""
    made = furnish(tmp_path_factory.mktemp("killed") / "home", migrated)
    child = multiprocessing.get_context("fork").Process(target=work, args=(made,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    return made


@pytest.fixture
def path(killed: Path, home: Path) -> Path:
    """The database of that home, which nobody has open."""
    shutil.copytree(killed, home, dirs_exist_ok=True)
    return home / "whetstone.db"


def edits(path: Path) -> list[int]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [seq for (seq,) in connection.execute("SELECT seq FROM journal ORDER BY id")]


def test_a_log_that_is_whole_is_none_to_be_told_of(path):
    Database.open().close()
    assert noted.of_log(path) is None
    assert edits(path) == list(range(1, EDITS + 1))


def spoil(path: Path, kind: str) -> bytes:
    """Damage a log and return what is left of it."""
    wal = Path(f"{path}-wal")
    whole = wal.read_bytes()
    if kind == "flipped":
        middle = len(whole) // 2
        wal.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    elif kind == "gone":
        wal.unlink()
        return b""
    else:
        os.truncate(wal, {"cut": len(whole) * 2 // 3, "a byte": len(whole) - 1, "emptied": 0}[kind])
    return wal.read_bytes()


@pytest.mark.parametrize("kind", ["cut", "a byte", "emptied", "gone", "flipped"])
def test_what_the_log_lost_is_told_until_somebody_has_read_it(path, kind):
    left = spoil(path, kind)
    db = Database.open()
    assert db.barrier() is None
    found = noted.of_log(path).complaint
    assert "is lost" in found and "make them again" in found and "set-aside" in found
    (aside,) = path.with_name("set-aside").iterdir()
    kept = aside / "whetstone.db-wal"
    assert (kept.read_bytes() if kept.exists() else b"") == left, "as it was found"
    told = findings.of(state.look())
    assert [each.level for each in told if each.sentence == found] == ["warning"]
    check_file(path.parent)
    # What is there is the beginning of what was done, and it is gone on from there.
    kept = edits(path)
    assert kept == list(range(1, len(kept) + 1)) and len(kept) < EDITS
    settle(make_desk_of(db), path.parent)
    db.close()
    Database.open().close()
    assert noted.of_log(path), "a restart alone is no reading"
    noted.forget_log(path)
    assert noted.of_log(path) is None


def make_desk_of(db: Database):
    for project in projects.list_projects(db):
        projects.rename_project(db, project.id, "Before")
    return make_desk(db)


@pytest.mark.parametrize("first", [state.look, lambda: probe(1.0)], ids=["health", "healthz"])
def test_it_is_told_whoever_looks_first(path, first):
    spoil(path, "cut")
    first()
    assert "is lost" in noted.of_log(path).complaint


def test_nothing_is_told_while_somebody_is_at_work(db, home):
    desk = make_desk(db)
    for _ in range(5):
        desk.edit()
        other = Database.open()
        other.close()
    # The looks took none of the locks that our own connection has on the index.
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as last:
        last.execute("SELECT 1 FROM projects").fetchone()
    assert Path(f"{home}/whetstone.db-shm").exists()
    assert noted.of_log(home / "whetstone.db") is None
    settle(desk, home)


@pytest.mark.parametrize("content", [b"", b"\0" * 96, b"\xff" * 4096], ids=["none", "0", "255"])
def test_an_index_that_is_none_says_nothing(path, content):
    Path(f"{path}-shm").write_bytes(content)
    assert log.lost(path, lambda _log: pytest.fail("nothing is known to be lost")) == 0
    Database.open().close()
    assert len(edits(path)) == EDITS


def tear(path: Path, folder: Path, choose: random.Random) -> Path:
    """Copy a database whose log lost its end, or one of its bytes."""
    copy = folder / path.name
    for end in ("", "-wal", "-shm"):
        shutil.copy(f"{path}{end}", f"{copy}{end}")
    whole = bytearray(Path(f"{path}-wal").read_bytes())
    at = choose.randrange(len(whole))
    if choose.random() < 0.5:
        whole[at] ^= 1 << choose.randrange(8)
    else:
        del whole[at:]
    Path(f"{copy}-wal").write_bytes(whole)
    return copy


@pytest.mark.parametrize(
    "rounds", [12, pytest.param(400, marks=pytest.mark.long)], ids=["some", "many"]
)
def test_wherever_it_is_cut_or_changed_the_rest_is_whole_and_the_loss_is_told(
    path, tmp_path, rounds
):
    choose = random.Random(13)
    for number in range(rounds):
        folder = tmp_path / str(number)
        folder.mkdir()
        copy = tear(path, folder, choose)
        Database.open(f"sqlite:///{copy}").close()
        check_file(folder)
        kept = edits(copy)
        assert kept == list(range(1, len(kept) + 1))
        assert (len(kept) == EDITS) or noted.of_log(copy), number
        shutil.rmtree(folder)
