"""A finished training takes the coach's place as the starting point, and the coach learns on."""

import shutil
from contextlib import closing

import pytest

from engine import launchers
from engine.coach import start
from engine.coach.coach import Coach
from engine.coach.start import Origin
from engine.commands import main
from storage.coaching import work
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import RunKind, Split
from tests.conftest import furnish
from tests.engine.coach.travels import edit, finish, make, said, travel
from tests.workers.forking import Forking

SETTINGS = ("--epochs", "12", "--lr", "0.01", "--seed", "1", "--device", "cpu", "--threads", "1")


WANTED = [travel(number) for number in range(20)]


@pytest.fixture(scope="module")
def learned(migrated, bert, tmp_path_factory):
    """The home of a project whose first eight documents a real training has learned, made once."""
    home = furnish(tmp_path_factory.mktemp("learned") / "home", migrated)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(home))
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setitem(launchers.MADE, "local", lambda _: Forking())
        with closing(Database.open()) as db:
            project = make(db, WANTED)
            for id, document in zip(documents.list_ids(db, project.id)[:8], WANTED, strict=False):
                finish(db, project, id, document)
        words = ["train", "--project", project.name, "--base", str(bert), *SETTINGS]
        assert main([*words, "--set-aside", "30", "--json"]) == 0
    return home


@pytest.fixture
def new_home(home, learned):
    shutil.copytree(learned, home)
    return home


@pytest.fixture
def trained(db):
    """Twenty documents of which the first eight were learned."""
    (project,) = projects.list_projects(db)
    return project, list(documents.list_ids(db, project.id)), WANTED


def test_the_newest_training_is_where_it_begins_and_only_later_edits_are_learned(db, trained):
    project, ids, wanted = trained
    (run,) = (run for run in runs.list_runs(db, project.id) if run.kind == RunKind.TRAINING)
    assert start.find(db, project) == Origin(run.id, run.journal_id)
    coach = Coach(db, project.id)
    update = coach.update(ids[8:])
    # What the model has learned is in it.
    assert (update.documents, coach.learner.learned) == (0, {})
    before = said(db, ids)
    assert before.keys() >= set(ids[8:]), "it speaks for the model at once"
    first = next(id for id, document in zip(ids[8:], wanted[8:], strict=False))
    finish(db, project, first, wanted[8])
    assert coach.update(ids[9:]).documents == 1
    assert list(coach.learner.learned) == [first]


@pytest.mark.long
def test_a_training_that_ends_meanwhile_takes_over(db, trained):
    project, ids, wanted = trained
    coach = Coach(db, project.id)
    coach.update(ids[9:])
    finish(db, project, ids[8], wanted[8])
    assert coach.update(ids[9:]).documents == 1
    runs.delete_run(db, coach.origin.run)
    # Without the model it begins from nothing, with all that is done.
    coach.update(ids[9:])
    assert coach.origin == Origin()
    learned = set(work.changes(db, project.id, None).ids)
    assert set(coach.learner.learned) == learned and ids[8] in learned


@pytest.mark.long
def test_another_projects_model_of_the_same_labels_is_better_than_none(db, trained):
    project, _, _ = trained
    other = projects.create_project(db, "New").id
    documents.add_documents(db, other, [travel(number) for number in range(30, 33)], "ada")
    run = start.find(db, project).run
    assert start.find(db, projects.get_project(db, other)) == Origin(run)
    projects.add_labels(db, other, [f"other {number}" for number in range(3)])
    assert start.find(db, projects.get_project(db, other)) == Origin()


def test_dev_and_test_that_were_set_aside_are_not_learned(db, trained):
    project, ids, _ = trained
    held = [d.id for d in documents_of(db, project) if d.split in (Split.DEV, Split.TEST)]
    assert held
    coach = Coach(db, project.id)
    edit(db, project, held[0], {"kind": "flag", "flagged": True})
    assert coach.update(()).documents == 0


def documents_of(db, project):
    from storage.journal import annotations

    return annotations.current(db, project.id)
