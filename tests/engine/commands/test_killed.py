"""Commands that are killed (fault 2): an import is there whole or not at all, so is a file."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from engine.commands import main
from storage.corpus import documents, projects
from storage.database.connection import Database
from tests.storage.database.test_processes import check_file

COUNT = 600
# Where in the time that it takes the command is killed.
MOMENTS = [n / 20 for n in range(1, 20)]
SOME = [0.5, *(pytest.param(moment, marks=pytest.mark.long) for moment in MOMENTS)]


def killed(after: float | None, *words: object) -> float:
    """Run a command in another process, killed after so many seconds; return how long it took."""

    def work() -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os._exit(main([*map(str, words), "--json"]))

    begun = time.monotonic()
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(after)
    child.kill()
    child.join()
    assert after is not None or child.exitcode == 0
    return time.monotonic() - begun


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of documents, each with a label."""
    path = tmp_path_factory.mktemp("given") / "many.jsonl"
    rows = ({"text": f"Ada met Bob {n}.", "label": [[0, 3, "PER"]]} for n in range(COUNT))
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def stored(name: str) -> int:
    db = Database.open()
    try:
        found = projects.find_project(db, name)
        return documents.count_documents(db, found.id) if found else 0
    finally:
        db.close()


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS)
def test_an_import_is_there_whole_or_not_at_all_and_can_be_repeated(
    given: Path, new_home: Path, tmp_path: Path, moment: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = tmp_path / "temporary"
    rest.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(rest))
    whole = killed(None, "import", given, "--project", "first")
    killed(whole * moment, "import", given, "--project", "second")
    check_file(new_home)
    assert stored("first") == COUNT
    assert stored("second") in (0, COUNT)
    assert list(rest.iterdir()) == []
    if not stored("second"):
        killed(None, "import", given, "--project", "second")
    assert stored("second") == COUNT


@pytest.mark.parametrize("moment", SOME)
def test_an_exported_file_is_the_old_one_or_the_new_one(
    given: Path, new_home: Path, tmp_path: Path, moment: float
) -> None:
    killed(None, "import", given, "--project", "p")
    target = tmp_path / "out" / "out.jsonl"
    target.parent.mkdir()
    words = ("export", target, "--project", "p", "--format", "doccano")
    whole = killed(None, *words)
    new = target.read_bytes()
    target.write_bytes(b"old")
    killed(whole * moment, *words)
    assert target.read_bytes() in (b"old", new)
    killed(None, *words)
    assert target.read_bytes() == new
    assert [path.name for path in target.parent.iterdir()] == ["out.jsonl"]
