"""``notebook`` writes what is missing first, and prints or keeps all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.commands import main
from storage.corpus import projects
from storage.database.connection import Database
from storage.knowledge import notebook
from storage.runs import runs
from storage.types import RunState
from tests.engine.commands.conftest import Command, assert_fails


def test_it_tells_each_round_in_three_formats(
    run: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = Database.open()
    made = projects.create_project(db, "p").id
    failed = runs.create_run(db, made, {})
    runs.claim_next(db)
    runs.set_state(db, failed.id, RunState.FAILED, "the disk is full")
    found = run("notebook", "--project", "p")
    (told,) = found.payload["rounds"]
    assert (found.code, told["state"], told["closed_run"]) == (0, "failed", failed.id)
    assert told["in_words"]["brought"] == ["the disk is full"]
    notebook.write_lesson(db, told["id"], "Make room first.", "ada")
    db.close()
    assert main(["notebook", "--project", "p"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# p: notebook\n") and "Make room first. (ada)" in printed
    place = tmp_path / "p.html"
    answer = run("notebook", "--project", "p", "--format", "html", "--out", place)
    assert (answer.payload["file"], answer.payload["format"]) == (str(place), "html")
    assert "Make room first." in place.read_text("utf-8")
    assert_fails(run("notebook", "--project", "none"), "no project 'none'")
