"""Train says what a model cannot be scored on, and sets a part of train aside for it."""

from __future__ import annotations

import pytest

from engine.runner import UNSCORED
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding import progress
from storage.runs import runs
from storage.types import Span, Split
from tests.pages.conftest import Open, button, labels, said
from tests.storage.conftest import sentence

SPAN = Span(0, 3, "PER")


@pytest.fixture
def whole(db: Database) -> int:
    """A project whose sentences come from one source, all of them in train and done."""
    project = projects.create_project(db, "whole").id
    given = [sentence(f"Ada {n}", SPAN, group="one source") for n in range(40)]
    documents.add_documents(db, project, given, "ada")
    settings.put(db, "last_project", project)
    return project


def done(db: Database, project: int) -> tuple[int, ...]:
    counts = progress.of(db, project).done_by_split
    return tuple(counts[split] for split in Split)


def test_without_dev_and_test_the_page_says_so_and_start_waits(
    open_page: Open, db: Database, whole: int
) -> None:
    app = open_page("train")
    assert UNSCORED in said(app)
    assert "Train comes from too few sources to keep them whole" in said(app)
    assert button(app, "Start training").disabled
    assert button(app, "Start the search").disabled
    app.number_input(key="share").set_value(20).run()
    assert done(db, whole) == (40, 0, 0), "nothing is done before it is asked for"
    assert "That is **8 documents for dev and 8 for test**." in said(app)
    button(app, "Set them aside").click().run()
    assert not app.exception
    assert done(db, whole) == (24, 8, 8)
    assert UNSCORED not in said(app)
    assert "8 documents for dev and 8 for test set aside." in said(app)
    button(app, "Start training").click().run()
    assert len(runs.list_runs(db)) == 1


def test_it_is_taken_back_on_the_same_page(open_page: Open, db: Database, whole: int) -> None:
    app = open_page("train")
    button(app, "Set them aside").click().run()
    button(app, "Take it back").click().run()
    assert done(db, whole) == (40, 0, 0)
    assert "Take it back" not in labels(app)
    assert UNSCORED in said(app)


def test_too_few_sentences_are_a_sentence(open_page: Open, db: Database) -> None:
    project = projects.create_project(db, "few").id
    documents.add_documents(db, project, [sentence("Ada", SPAN)], "ada")
    settings.put(db, "last_project", project)
    app = open_page("train")
    assert "At least 3 different documents of train must be done" in said(app)
    assert "Set them aside" not in labels(app)


@pytest.mark.parametrize(
    ("present", "words", "offer"),
    [
        (Split.DEV, "No test sentence is done yet", "That is **4 documents for test**."),
        (Split.TEST, "No dev sentence is done yet", "That is **4 documents for dev**."),
    ],
)
def test_where_one_of_them_is_there_the_other_is_offered_and_start_is_free(
    open_page: Open, db: Database, whole: int, present: Split, words: str, offer: str
) -> None:
    missing = Split.TEST if present is Split.DEV else Split.DEV
    documents.add_documents(db, whole, [sentence("Bob", SPAN, split=present)], "ada")
    app = open_page("train")
    assert words in said(app)
    assert offer not in said(app), "it is not looked for before it is asked for"
    app.session_state[f"set_aside_{missing}"] = True
    app.run()
    assert offer in said(app)
    assert not button(app, "Start training").disabled


def test_where_nothing_is_missing_nothing_is_said(open_page: Open, sample: int) -> None:
    app = open_page("train")
    assert not any("aside" in label for label in labels(app))
    assert "aside" not in said(app)
