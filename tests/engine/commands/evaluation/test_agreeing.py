"""``agreement``: every pair of people and every label, for machines and for people."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from engine.commands import main
from storage.corpus import projects
from storage.database.connection import Database
from tests.engine.commands.conftest import Command, assert_fails
from tests.engine.inspection.agreement import people


@pytest.fixture
def several(new_home: Path) -> str:
    db = Database.open()
    name = people.project(db).name
    projects.create_project(db, "nobody's")
    db.close()
    return name


def test_pairs_have_every_coefficient_with_its_interval(run: Command, several: str) -> None:
    found = run("agreement", "--project", several).payload
    assert found["people"] == ["person 0", "person 1", "person 2"] and found["left_out"] == 0
    assert len(found["pairs"]) == 3 * (1 + len(people.LABELS))
    for row in found["pairs"]:
        assert {"a", "b", "label", "kappa", "alpha", "span_f1", "documents"} <= set(row)
        assert row["documents"] == 60
        low, high = row["intervals"]["kappa"]
        assert low <= row["kappa"] <= high
        low, high = row["intervals"]["alpha_u"]
        assert low <= row["alpha_u"] <= high
        assert row["alpha_u"] is not None and (row["gamma"] is None) == (row["label"] is not None)
    assert [each["person"] for each in found["standings"] if each["stands_out"]] == ["person 2"]
    assert sum(each["documents"] for each in found["course"]) == 60
    assert found["shown_others"] == 0, "a file's people labelled elsewhere"
    again = run("agreement", "--project", several, "--imported", "--no-gamma").payload
    assert again["people"] == found["people"], "nothing was imported as nobody's"
    assert [each["label"] for each in found["together"]] == [None, *sorted(people.LABELS)]


def test_one_label_without_gamma(run: Command, several: str) -> None:
    asked = ("--label", people.LABELS[1], "--no-gamma", "--by", "documents")
    found = run("agreement", "--project", several, *asked).payload
    assert {row["label"] for row in found["pairs"]} == {people.LABELS[1]}
    assert [row["gamma"] for row in found["pairs"]] == [None] * 3


def test_a_project_of_nobody_has_no_pairs_and_no_nan(run: Command, several: str) -> None:
    found = run("agreement", "--project", "nobody's").payload
    assert found["pairs"] == [] and found["course"] == [] and found["people"] == []
    assert not any(isinstance(each, float) and math.isnan(each) for each in found.values())


def test_people_read_a_table(
    several: str, capsys: pytest.CaptureFixture[str], forking: None
) -> None:
    assert main(["agreement", "--project", several]) == 0
    text = capsys.readouterr().out
    assert "3 people, 60 documents that two or more finished: Fleiss' κ" in text
    assert "person 2 stands out: κ 0." in text and "person 0 – person 1" in text
    assert main(["agreement", "--project", "nobody's"]) == 0
    assert "Fewer than two people" in capsys.readouterr().out


def test_a_run_that_is_not_there_is_refused(run: Command, several: str) -> None:
    assert_fails(run("agreement", "--project", several, "--run", 99), "99")
