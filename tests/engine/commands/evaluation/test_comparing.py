"""``compare``: the figures of both runs, what was fixed and broken, and what they were given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from storage.corpus import projects
from storage.database.connection import Database
from storage.types import Split
from tests.engine.commands.conftest import Command, assert_fails
from tests.engine.inspection.finished import ADA, OSLO, document, done, finished


@pytest.fixture
def two(new_home: Path) -> tuple[int, int]:
    """Two runs: the second finds one mark more, after a label was mended and a document came."""
    db = Database.open()
    project = projects.create_project(db, "p").id
    known = [document(1, ADA, OSLO), document(2, ADA)]
    mended = [replace(known[0], spans=(ADA,)), *known[1:], document(3, split=Split.TRAIN)]
    a = done(db, finished(db, project, known, {1: [ADA]}, epochs=4))
    b = done(db, finished(db, project, mended, {1: [ADA], 2: [ADA]}, epochs=8))
    db.close()
    return a.id, b.id


def test_figures_settings_and_data(run: Command, two: tuple[int, int]) -> None:
    found = run("compare", *two).payload
    assert set(found["micro"]) >= {"a", "b", "difference", "low", "high", "verdict"}
    assert set(found["labels"]) == {"person"}
    assert (found["fixed"], found["broken"], found["still_wrong"]) == (1, 0, 0)
    assert found["settings"] == {"epochs": {"a": 4, "b": 8}}
    assert found["data"]["labels"]["place"]["removed"] == 1
    changed = {each["document"]: (each["a"], each["b"]) for each in found["data"]["documents"]}
    assert changed == {1: ("test", "test"), 3: (None, "train")}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1, 1), "choose two runs"),
        ((1, 2, "--split", "dev"), "no dev document in common"),
        ((1, 2, "--split", "train"), "not scored on what it learned from"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(
    run: Command, two: tuple[int, int], arguments: tuple, words: str
) -> None:
    assert_fails(run("compare", *arguments), words)
