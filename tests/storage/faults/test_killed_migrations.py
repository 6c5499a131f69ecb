"""An upgrade that is killed (fault 33): at every step the file is as it was, or as it shall be."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import tarfile
from pathlib import Path

import alembic.command  # noqa: F401 - loaded once here, not in every child
import pytest
from sqlalchemy import Engine, event

from storage.backups import copies
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines import revisions
from tests.fixtures.homes.contents import described
from tests.storage.database.test_processes import check_file
from tests.storage.migrations.test_yesterday import HOMES, known

NEVER = 10_000


@pytest.fixture(params=["0.6", pytest.param("0.1", marks=pytest.mark.long)])
def version(request, tmp_path: Path) -> str:
    """A home that an earlier version made, in a folder of its own."""
    with tarfile.open(HOMES / f"{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path / "made", filter="data")
    return request.param


@pytest.fixture
def made(version: str, tmp_path: Path) -> Path:
    return tmp_path / "made" / "home"


def upgraded(home: Path, step: int) -> int:
    """Open a home in another process that kills itself before this statement; count them all."""
    count = multiprocessing.get_context("fork").Value("i", 0)

    def work() -> None:
        os.environ["WHETSTONE_HOME"] = str(home)

        @event.listens_for(Engine, "before_cursor_execute")
        def kill(*_arguments: object) -> None:
            count.value += 1
            if count.value == step:
                os.kill(os.getpid(), signal.SIGKILL)

        Database.open().close()

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    assert child.exitcode == (-signal.SIGKILL if step <= count.value else 0)
    return count.value


def check(home: Path, version: str, before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail unless a home that was killed over is whole, has a copy, and opens with everything."""
    path = home / "whetstone.db"
    check_file(home)
    assert revisions.of_file(path) in (before, revisions.newest())
    kept = [each for each in copies.known(path) if each.kind == before]
    assert kept and not any(copies.check(path, each) for each in kept)
    monkeypatch.setenv("WHETSTONE_HOME", str(home))
    db = Database.open()
    expected = json.loads((HOMES / f"{version}.json").read_text())
    found = described(db, projects.list_projects(db)[0].id, home)
    told = {name: expected[name] for name in found}
    assert known(json.loads(json.dumps(found)), told) == told
    db.close()
    check_file(home)


def test_killed_at_any_step_it_is_whole_and_done_the_next_time(
    version, made, tmp_path, monkeypatch, request
):
    before = revisions.of_file(made / "whetstone.db")
    shutil.copytree(made, tmp_path / "whole")
    count = upgraded(tmp_path / "whole", NEVER)
    assert count > 10
    every = request.config.getoption("-m") != "not long"
    steps = range(1, count + 1) if every else (1, count // 2, count)
    for step in steps:
        home = tmp_path / f"step-{step}"
        shutil.copytree(made, home)
        upgraded(home, step)
        check(home, version, before, monkeypatch)
        shutil.rmtree(home)
