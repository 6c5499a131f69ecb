"""What other projects know, on the guideline page: found, taken over, started from."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from engine.configuration import bases
from engine.configuration.settings import Settings
from pages.widgets.common import kinds
from pages.widgets.train import form
from storage import home
from storage.collaboration import queues
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.engines.schema import SuspectRow
from storage.errors import InputError
from storage.knowledge import examples, taking_over
from storage.runs import runs
from storage.types import RunState, Task
from tests.pages.conftest import Open, button, plain, said


@pytest.fixture
def other(db: Database, sample: int) -> int:
    """A project with a label of the sample, a guideline, and a doubted text that is there, too."""
    names = [label.name for label in projects.list_labels(db, sample)]
    text = documents.get_document(db, documents.list_ids(db, sample)[0])
    bare = replace(text, spans=(), id=None)
    made = documents.create_with_documents(db, "Old **news**", [bare], "ada", labels=names)
    per = projects.list_labels(db, made)[0]
    assert per.id
    examples.add(db, made, per.id, "positive", "Ada <b>met</b> Bob.", 0, 3)
    projects.set_guideline(db, made, "No titles.")
    run = runs.create_run(db, made, {}).id
    (doubted,) = documents.list_ids(db, made)
    with db.write() as session:
        row = {"document_id": doubted, "given_label": "PER", "score": 0.5, "reason": "odd"}
        session.add(SuspectRow(run_id=run, **row))
    return made


def test_a_guideline_is_found_and_taken_over(
    open_page: Open, db: Database, sample: int, other: int
) -> None:
    app = open_page("guideline", view="Other projects")
    app.text_input(key="elsewhere-words").input("no titles").run()
    assert "Guideline · Old **news** · Guideline, version 1" in said(app)
    taken: Sequence[Any] = [each for each in app.button if each.label == "Take over"]
    assert len(taken) == 1
    taken[0].click().run()
    assert [plain(each.value) for each in app.toast] == [
        "Taken over: 1 example, from Old **news**."
    ]
    assert projects.get_project(db, sample).guideline.endswith("No titles.")


def test_a_project_over_the_same_labels_is_one_to_start_from(
    open_page: Open, db: Database, sample: int, other: int
) -> None:
    app = open_page("guideline", view="Other projects")
    assert "labels with 4 of these 4 labels, too" in said(app)
    button(app, "Start from it").click().run()
    assert examples.of_project(db, sample)
    button(app, "Look at 1 suspect of its").click().run()
    (made,) = queues.list_queues(db, sample)
    assert made.name == "Suspects of Old **news**"
    assert list(queues.documents_of(db, made)) == documents.list_ids(db, sample)[:1]
    button(open_page("guideline", view="Other projects"), "Look at 1 suspect of its").click().run()
    assert queues.list_queues(db, sample) == [made]


def test_a_new_project_can_start_from_another(db: Database, sample: int, other: int) -> None:
    known = projects.get_project(db, other)
    made = kinds.create(db, "Fresh", Task.SPANS, known).id
    fresh = projects.get_project(db, made)
    assert [label.name for label in fresh.labels] == ["PER", "ORG", "LOC", "MISC"]
    assert fresh.guideline.endswith("No titles.")
    with pytest.raises(InputError, match="labels something else"):
        kinds.create(db, "Kinds", Task.CLASSES, known)
    assert projects.find_project(db, "Kinds") is None, "what cannot start is not made"


def test_a_project_that_began_with_another_trains_from_its_newest_model(
    open_page: Open, db: Database, sample: int, other: int
) -> None:
    run = runs.create_run(db, other, {"base": bases.BUNDLED, **asdict(Settings())})
    runs.set_state(db, run.id, RunState.DONE)
    model = home.run_folder(run.folder) / "model"
    model.parent.mkdir(parents=True)
    model.symlink_to(bases.fetch(bases.BUNDLED))
    assert form.began(sample) is None
    taking_over.start_from(db, sample, other)
    app = open_page("train")
    assert app.selectbox(key="base_kind").value == form.FOLDER
    assert app.text_input(key="base_folder").value == str(model)
    assert "in Old **news**, with which this project began" in said(app)
    # What is not there any more is not begun with.
    model.unlink()
    assert open_page("train").selectbox(key="base_kind").value == form.BUNDLED
