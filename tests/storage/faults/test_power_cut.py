"""The power goes (fault 10): of what was not yet on the disk, any part may be missing.

Snapshots are taken after each acknowledged edit. Between two of them the disk may hold any mixture
of blocks, in the order that SQLite's syncs force: first the database takes what is in the log,
which is on the disk by then; only then does the log change, its header before all else.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.database.connection import Database
from storage.engines import sqlite
from tests.storage.database.test_processes import ROOT, check_file
from tests.storage.faults.conftest import Desk

BLOCK, HEADER = 512, 32


def snapshot(home: Path) -> tuple[bytes, bytes]:
    """Return what the files hold, read by another process: ours would lose its locks on them."""
    found = (subprocess.check_output(["cat", home / f"whetstone.db{end}"]) for end in ("", "-wal"))
    database, log = found
    return database, log


def mixed(old: bytes, new: bytes, choose: random.Random) -> bytes:
    """Return a file of which any part of what changed may have reached the disk."""
    size = max(len(old), len(new))
    sides = [old.ljust(size, b"\0"), new.ljust(size, b"\0")]
    share = choose.random()
    blocks = (sides[choose.random() < share][at : at + BLOCK] for at in range(0, size, BLOCK))
    return b"".join(blocks)[: choose.choice([len(old), len(new)])]


def cut(before: tuple[bytes, bytes], after: tuple[bytes, bytes], choose: random.Random):
    """Return what may be on the disk where the power goes between two acknowledged edits."""
    if choose.random() < 0.4:
        return mixed(before[0], after[0], choose), before[1]
    log = mixed(before[1], after[1], choose)
    if before[1][:HEADER] != after[1][:HEADER]:
        log = after[1][:HEADER] + log[HEADER:]
    return after[0], log


def edits(place: Path) -> list[int]:
    with contextlib.closing(sqlite3.connect(place / "whetstone.db")) as connection:
        return [seq for (seq,) in connection.execute("SELECT seq FROM journal ORDER BY id")]


@pytest.fixture
def taken(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch, request) -> list:
    """Snapshots after each of some edits, between which the log was emptied several times."""
    monkeypatch.setattr(sqlite, "LOG_LIMIT", 100_000)
    found = []
    for _ in range(getattr(request, "param", 40)):
        desk.edit(1_000)
        found.append(snapshot(home))
    sizes = [len(log) for _, log in found]
    headers = {log[:HEADER] for _, log in found}
    assert len(headers) > 2 and len({database for database, _ in found}) > 2, sizes
    return found


@pytest.mark.parametrize(
    ("taken", "rounds"),
    [(40, 40), pytest.param(120, 1_500, marks=pytest.mark.long)],
    ids=["some", "many"],
    indirect=["taken"],
)
def test_what_was_acknowledged_is_there_whatever_had_not_reached_the_disk(taken, rounds, tmp_path):
    choose = random.Random(10)
    place = tmp_path / "after"
    place.mkdir()
    for number in range(rounds):
        last = choose.randrange(len(taken) - 1)
        database, log = cut(taken[last], taken[last + 1], choose)
        for path in place.iterdir():
            path.unlink()
        (place / "whetstone.db").write_bytes(database)
        (place / "whetstone.db-wal").write_bytes(log)
        check_file(place)
        kept = edits(place)
        assert kept in (list(range(1, last + 2)), list(range(1, last + 3))), number


@pytest.mark.long
def test_a_copy_of_any_moment_opens_with_all_that_was_acknowledged_by_then(
    desk: Desk, home: Path, tmp_path: Path
):
    command = [sys.executable, "-m", "tests.storage.workers", "edit", desk.project]
    words = [*map(str, [*command, desk.documents[0], "k"])]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    writer = subprocess.Popen(words, cwd=home, env=environment, stdout=subprocess.PIPE, text=True)
    choose = random.Random(11)
    try:
        for number in range(25):
            said = writer.stdout.readline()
            time.sleep(choose.random() / 50)
            writer.send_signal(signal.SIGSTOP)
            place = tmp_path / str(number)
            place.mkdir()
            for end in ("", "-wal"):
                subprocess.run(["cp", home / f"whetstone.db{end}", place], check=True)
            writer.send_signal(signal.SIGCONT)
            check_file(place)
            kept = edits(place)
            assert kept == list(range(1, len(kept) + 1))
            assert len(kept) >= int(said.split()[0])
            opened = Database.open(f"sqlite:///{place}/whetstone.db")
            assert opened.barrier() is None
            opened.close()
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
