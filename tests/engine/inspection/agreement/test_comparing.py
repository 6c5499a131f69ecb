"""The people of a project, and a model as one more."""

from dataclasses import replace

import numpy as np
import pytest

from engine.agreement import pairs, saying
from engine.agreement.pairs import MEASURES, Measure
from engine.evaluation.confusion import Confusion, confuse
from engine.inspection.agreement import comparing, matching, reading
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.types import Answer, Document, ErrorKind, Project, Span, Status, Task
from tests.engine.inspection.agreement.people import LABELS, project
from tests.engine.inspection.finished import document, done, finished


def frozen(db: Database, made: Project) -> list[Document]:
    """Return the project's documents as a run would have them."""
    return annotations.of_documents(db, documents.list_ids(db, made.id))


def test_the_careless_one_is_found_and_the_rest_is_not(db: Database) -> None:
    found = comparing.compare(db, project(db))
    assert found.versions.people == ("person 0", "person 1", "person 2")
    assert [each.person for each in found.standings if each.stands_out] == [2]
    assert found.together.documents == 60


def test_a_cell_of_two_people_counts_the_rows_that_it_opens(db: Database) -> None:
    made = project(db)
    found = comparing.compare(db, made).versions
    matches = matching.match(found, 0, 2, made.task)
    table = Confusion.of({"confusion": confuse(matches)})
    given = [found.marks.those(found.marks.person == person) for person in (0, 2)]
    assert sum(sum(row) for row in table.counts[:-1]) == len(given[0].label)
    assert sum(sum(column[:-1]) for column in table.counts) == len(given[1].label)
    exact = sum(match.kind is ErrorKind.EXACT for match in matches)
    (pair,) = (each for each in pairs.compare(found) if (each.a, each.b) == (0, 2))
    f1 = pair.values[MEASURES.index(Measure.F1), 0]
    assert f1 == pytest.approx(2 * exact / (len(given[0].label) + len(given[1].label)))


def test_a_model_is_one_more_person_on_what_it_was_scored_on(db: Database) -> None:
    made = project(db, wrong=(0.0, 0.3), number=20)
    known = frozen(db, made)
    said = {each.id: [Span(0, 5, "NEW")] for each in known[:4]}
    run = done(db, finished(db, made.id, known, said, labels=LABELS))
    found = comparing.compare(db, made, run)
    assert found.versions.people == ("person 0", "person 1", reading.model_name(run))
    assert found.people == 2 and found.versions.labels == (*LABELS[::-1], "NEW")
    scored = sum(each.split == "test" for each in known)
    assert [pair.documents for pair in found.pairs] == [20, scored, scored]
    assert found.together.documents == 20 and not found.standings


def test_one_person_alone_is_compared_with_nobody_but_a_model(db: Database) -> None:
    made = project(db, wrong=(0.2,), number=8)
    alone = comparing.compare(db, made)
    assert alone.pairs == [] and alone.together.documents == 0 and alone.standings == []
    known = frozen(db, made)
    run = done(db, finished(db, made.id, known, {}, labels=LABELS))
    (pair,) = comparing.compare(db, made, run).pairs
    assert pair.documents == 4


def test_it_says_what_it_compares_and_how_far_it_is(db: Database) -> None:
    told: list[tuple[float, str]] = []
    comparing.compare(db, project(db, number=10), tell=lambda *each: told.append(each))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] < 1
    assert "person 0 and person 2: pair 2 of 3" in [words for _, words in told]


def test_a_figure_says_how_little_it_is_about(db: Database) -> None:
    found = comparing.compare(db, project(db, number=10))
    assert saying.little(found.pairs[0], 0) == "Only 10 documents in common."
    more = comparing.compare(db, project(db, number=300, name="more"))
    assert saying.little(more.pairs[0], 0) == ""


def test_the_stamp_changes_with_what_people_say(db: Database) -> None:
    made = project(db, number=4)
    before = reading.stamp(db, made)
    project(db, number=4, name="another")
    assert reading.stamp(db, made) == before
    id = documents.list_ids(db, made.id)[0]
    edit = {"seq": 1, "base_revision": 0, "kind": "status", "status": "skipped"}
    annotations.apply_operations(db, made.id, id, "ada", "tab", [edit])
    assert reading.stamp(db, made) != before


@pytest.mark.parametrize("task", [Task.CLASSES, Task.MULTILABEL])
def test_labels_of_whole_texts_are_compared_by_document(db: Database, task: Task) -> None:
    made = projects.create_project(db, "whole", task)
    one = document(0, Span(0, 0, "X"))
    rows = [
        replace(
            one,
            id=None,
            text=f"{at} {one.text}",
            tokens=((0, 1),),
            status=Status.DONE,
            annotator="b",
            others=(Answer("a", (Span(0, 0, "X" if at % 3 else "Y"),)),),
        )
        for at in range(9)
    ]
    documents.add_documents(db, made.id, rows, "importer")
    found = comparing.compare(db, made)
    (pair,) = found.pairs
    assert pair.units[0] == (9 if task is Task.CLASSES else 18)
    matches = matching.match(found.versions, 0, 1, made.task)
    assert len(matches) == 9
    assert np.isfinite(pair.values[:, 0]).all()
