"""Two runs are compared on what both have: the same texts, against the labels of the second."""

from __future__ import annotations

import pytest

from engine.inspection import comparing
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import InputError
from storage.outcomes import Outcome
from storage.types import Split
from tests.engine.inspection.finished import ADA, OSLO, document, finished


def test_what_one_run_finds_and_the_other_does_not(db: Database, project: int) -> None:
    gold = [document(1, ADA, OSLO), document(2, ADA)]
    a = finished(db, project, gold, {1: [ADA]})
    b = finished(db, project, gold, {1: [OSLO], 2: [ADA]})
    found = comparing.compare(a, b)
    assert (found.split, found.documents, found.relabelled) == (Split.TEST, 2, 0)
    outcomes = {(each.document, each.gold.label): each.outcome for each in found.comparison.changes}
    assert outcomes == {
        (1, "person"): Outcome.BROKEN,
        (1, "place"): Outcome.FIXED,
        (2, "person"): Outcome.FIXED,
    }


def test_a_mended_label_is_no_better_model(db: Database, project: int) -> None:
    both = {1: [ADA, OSLO]}
    a = finished(db, project, [document(1, ADA)], both)
    b = finished(db, project, [document(1, ADA, OSLO)], both)
    found = comparing.compare(a, b)
    assert found.relabelled == 1
    assert (found.comparison.micro.a, found.comparison.micro.b) == (1.0, 1.0)


def test_only_the_same_texts_of_the_same_split_are_compared(db: Database, project: int) -> None:
    moved = document(3, ADA, split=Split.TRAIN)
    a = finished(db, project, [document(1, ADA), document(2, ADA), moved, document(5)], {})
    changed = document(2, ADA, text="Ada went from Rome.")
    b = finished(db, project, [document(1, ADA), changed, document(3, ADA), document(4)], {})
    found = comparing.compare(a, b)
    assert (found.documents, found.only_a, found.only_b) == (1, 2, 3)


def test_without_a_test_split_in_both_dev_is_compared(db: Database, project: int) -> None:
    dev = document(1, ADA, split=Split.DEV)
    a = finished(db, project, [dev], {1: [ADA]})
    b = finished(db, project, [dev, document(2, ADA)], {1: [ADA]})
    assert comparing.compare(a, b).split is Split.DEV
    with pytest.raises(InputError, match="no test document in common"):
        comparing.compare(a, b, Split.TEST)


def test_runs_of_two_projects_are_not_compared(db: Database, project: int) -> None:
    other = projects.create_project(db, "other").id
    a, b = (finished(db, each, [document(1, ADA)], {}) for each in (project, other))
    with pytest.raises(InputError, match="different projects"):
        comparing.compare(a, b)


def test_a_run_is_not_compared_with_itself(db: Database, project: int) -> None:
    a = finished(db, project, [document(1, ADA)], {})
    with pytest.raises(InputError, match="no better and no worse than itself"):
        comparing.compare(a, a)
