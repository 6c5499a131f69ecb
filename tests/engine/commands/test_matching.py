"""``match``: its one object, its sentences; the catalogue is read once for each model."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs
from tests.engine import catalogued
from tests.engine.commands.conftest import Command, assert_fails


@pytest.fixture
def catalogue(run: Command, base: Path, tmp_path: Path) -> Path:
    """A file of items that a tiny model of the project has read already."""
    path = tmp_path / "items.csv"
    path.write_text("id,text\n" + "".join(f'i{n},"{t}"\n' for n, t in enumerate(catalogued.ITEMS)))
    db = Database.open()
    project = projects.create_project(db, "help", "pairs")
    projects.add_labels(db, project.id, list(catalogued.LABELS))
    catalogued.shelve(db, project.id, base)
    db.close()
    return path


def test_texts_are_answered_by_id_text_and_score(run: Command, catalogue: Path) -> None:
    queries = catalogue.with_name("queries.txt")
    queries.write_text("Nobody was here .\nIn Ulm , Ada met nobody .\n")
    asked = ("match", "--project", "help", "--catalogue", catalogue)
    answer = run(*asked, "--queries", queries, "--top", 3)
    assert answer.code == 0, answer.error
    found = answer.payload["queries"]
    assert [each["query"] for each in found] == queries.read_text().splitlines()
    for each in found:
        scores = [one["score"] for one in each["answers"]]
        assert len(scores) == 3 and scores == sorted(scores, reverse=True)
        assert all({"id", "text", "score"} <= one.keys() for one in each["answers"])
    one = run(*asked, "--query", "Nobody was here .", "--top", 3, "--diversify", 0.5, "--run", 1)
    assert one.payload["queries"][0]["answers"][0] == found[0]["answers"][0]
    none = run(*asked, "--query", "x", "--threshold", 5)
    assert (none.payload["queries"][0]["good"], none.payload["threshold"]) == (0, 5.0)
    # Other ids are another catalogue; this one was read when it was first asked.
    db = Database.open()
    assert len(runs.list_runs(db)) == 2
    db.close()


def test_what_is_wrong_is_a_sentence(run: Command, project: str, tmp_path: Path) -> None:
    db = Database.open()
    projects.add_labels(db, projects.create_project(db, "help", "pairs").id, ["match"])
    db.close()
    path = tmp_path / "items.csv"
    path.write_text("id,text\n1,Yes.\n")

    def fails(words: str, *more: str, name: str = "help", file: Path = path) -> None:
        assert_fails(run("match", "--project", name, "--catalogue", file, *more), words)

    fails("--query TEXT or --queries FILE")
    fails("is empty", "--query", " ")
    fails("There is no run 9", "--query", "x", "--run", "9")
    fails('no column "c"', "--query", "x", "--text-column", "c")
    fails("one text at a time", "--query", "x", name=project)
    fails("gone.csv", "--query", "x", file=tmp_path / "gone.csv")
