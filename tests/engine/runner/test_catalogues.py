"""A catalogue from its file to its run: queued once for each model, frozen, asked, forgotten."""

from __future__ import annotations

import pytest

from engine.jobs import kinds
from engine.retrieval.items import Items
from engine.runner import again, catalogues, delete_run, folders
from engine.runs import snapshot, spec
from storage import home
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import InputError, RefusedError
from storage.runs import runs
from storage.types import Run, RunKind, RunState

ITEMS = Items("answers.csv", ["a", "b"], ["Yes.", "No 👍."])


@pytest.fixture
def pairs(db: Database) -> int:
    made = projects.create_project(db, "help", "pairs")
    projects.add_labels(db, made.id, ["match", "no match"])
    return made.id


def train(db: Database, project: int) -> Run:
    run = runs.create_run(db, project, {"base": "bundled"})
    runs.set_state(db, run.id, RunState.DONE)
    return runs.get_run(db, run.id)


def test_it_is_read_once_for_each_model(db: Database, pairs: int) -> None:
    first = catalogues.embed(db, pairs, ITEMS, None)
    assert (first.kind, first.number, first.model_of) == (RunKind.CATALOGUE, None, None)
    assert catalogues.embed(db, pairs, ITEMS, None).id == first.id
    model = train(db, pairs)
    second = catalogues.embed_again(db, first, model)
    assert (second.model_of, second.settings[kinds.NAME]) == (model.id, "answers.csv")
    runs.set_state(db, first.id, RunState.DONE)
    # While the newer one is not ready, the older one is asked.
    assert [run.id for run in catalogues.known(db, pairs)] == [first.id]
    runs.set_state(db, second.id, RunState.DONE)
    assert [run.id for run in catalogues.known(db, pairs)] == [second.id]


def test_its_folder_has_the_items_and_no_document_of_the_project(db: Database, pairs: int) -> None:
    run = runs.claim(db, catalogues.embed(db, pairs, ITEMS, None).id)
    assert run
    folder = folders.prepare(db, run)
    assert [(d.name, d.text) for d in snapshot.stream(folder)] == [("a", "Yes."), ("b", "No 👍.")]
    assert spec.read(folder).options[kinds.NAME] == "answers.csv"
    # A later attempt goes on in the same folder.
    (folder / "parts").mkdir()
    runs.set_state(db, run.id, RunState.FAILED, "killed")
    later = runs.claim(db, runs.requeue(db, run.id).id)
    assert later and folders.prepare(db, later) == folder
    assert (folder / "parts").is_dir()


def test_the_items_go_with_the_last_run_that_reads_them(db: Database, pairs: int) -> None:
    first = catalogues.embed(db, pairs, ITEMS, None)
    second = catalogues.embed(db, pairs, ITEMS, train(db, pairs))
    for run in (first, second):
        folders.prepare(db, runs.claim(db, run.id) or run)
        runs.set_state(db, run.id, RunState.DONE)
    path = home.catalogue_file(ITEMS.fingerprint)
    delete_run(db, first.id)
    assert path.exists()
    assert again(db, runs.get_run(db, second.id)).id == second.id
    delete_run(db, second.id)
    assert not path.exists()
    with pytest.raises(RefusedError, match="load its file again"):
        catalogues.embed_again(db, second, None)


def test_only_projects_on_two_texts_have_one(db: Database, project: int) -> None:
    with pytest.raises(RefusedError, match="one text at a time"):
        catalogues.embed(db, project, ITEMS, None)
    bare = projects.create_project(db, "bare", "pairs")
    with pytest.raises(InputError, match="no labels yet"):
        catalogues.embed(db, bare.id, ITEMS, None)
