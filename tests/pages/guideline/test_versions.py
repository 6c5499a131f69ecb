"""Versions on the guideline page: listed, compared, taken back; what a new meaning leaves to do."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from storage.collaboration import queues
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.knowledge import examples, guidelines, outdated
from storage.permissions import Person, Role, acting_as
from tests.pages.conftest import Open, button, said

HOSTILE = "<img src=x onerror=alert(1)> met **Bob**"


@pytest.fixture
def changed(db: Database, sample: int) -> int:
    """The sample, one document edited, PER described anew by rhea, and an example by ada."""
    first = documents.list_ids(db, sample)[0]
    work = annotations.open_annotation(db, first, "ada")
    edit = {"seq": 1, "base_revision": work.revision, "kind": "status", "status": "done"}
    annotations.apply_operations(db, sample, first, "ada", "tab", [edit])
    label = projects.list_labels(db, sample)[0]
    with acting_as(Person("rhea", Role.ADMIN)):
        projects.update_label(db, replace(label, description="<b>Persons</b>, also gods"))
    with acting_as(Person("ada", Role.ADMIN)):
        assert label.id
        examples.add(db, sample, label.id, "negative", HOSTILE, 33, 40, first, "A <i>beast</i>")
    return sample


def html(app: AppTest) -> str:
    shown: Sequence[Any] = app.get("html")
    return "".join(each.value for each in shown)


def test_a_label_shows_its_sentences_with_reason_and_the_way_there(
    open_page: Open, changed: int
) -> None:
    app = open_page("guideline")
    assert "Version 3 · ada" in said(app)
    assert "&lt;img src=x onerror=alert(1)&gt; met <mark>**Bob**</mark>" in html(app)
    assert "A &lt;i&gt;beast&lt;/i&gt;" in html(app)
    assert f"tag?project={changed}&amp;document=" in html(app)


def test_versions_say_who_and_what_and_two_are_compared(open_page: Open, changed: int) -> None:
    app = open_page("guideline", view="Versions")
    assert "PER: description" in said(app) and "rhea" in said(app)
    app.selectbox(key="version-a").set_value(1).run()
    app.selectbox(key="version-b").set_value(3).run()
    assert "<ins>&lt;b&gt;Persons&lt;/b&gt;, also gods</ins>" in html(app)
    assert "<mark>**Bob**</mark>" in html(app)


def test_an_old_version_is_taken_back(open_page: Open, db: Database, changed: int) -> None:
    app = open_page("guideline", view="Versions")
    app.button(key="version-1").click().run()
    now, *_, first = guidelines.history(db, changed)
    assert (now.number, now.note) == (4, "Back to version 1")
    assert [each.content for each in now.labels] == [each.content for each in first.labels]


def test_a_new_meaning_offers_the_documents_from_before_as_a_queue_with_the_reason(
    open_page: Open, db: Database, changed: int
) -> None:
    (found,) = outdated.of_project(db, changed)
    app = open_page("guideline")
    assert f"{found.bearing:,} sentences had it before" in said(app)
    button(app, "Look at them again").click().run()
    (made,) = queues.list_queues(db, changed)
    assert (made.name, made.reason) == (
        "PER, version 2",
        "PER means something else since version 2 (PER: description).",
    )
    assert len(queues.documents_of(db, made)) == found.bearing
    button(open_page("guideline"), "Look at them again").click().run()
    assert queues.list_queues(db, changed) == [made], "the one that stands is opened again"


def test_only_wording_takes_the_offer_back(open_page: Open, db: Database, changed: int) -> None:
    with acting_as(Person("bob", Role.ADMIN)):
        projects.set_guideline(db, changed, "x", meaning=[projects.list_labels(db, changed)[0].id])
    app = open_page("guideline")
    button(app, "Only wording").click().run()
    (left,) = outdated.of_project(db, changed)
    assert left.label.since == 2, "the change before was one of meaning still"


def test_a_saved_text_says_why_and_which_labels_mean_something_else(
    open_page: Open, db: Database, changed: int
) -> None:
    label = projects.list_labels(db, changed)[1]
    app = open_page("guideline", view="Edit")
    app.text_area[0].input("Teams are ORG.").run()
    app.text_input(key=f"guideline-{changed}-note").input("Asked by Cem").run()
    app.multiselect(key=f"guideline-{changed}-meaning").set_value([label.id]).run()
    button(app, "Save").click().run()
    now = guidelines.in_force(db, changed)
    assert (now.note, now.text) == ("Asked by Cem", "Teams are ORG.")
    assert [each.since for each in now.labels if each.id == label.id] == [now.number]


def test_a_reason_is_edited_and_an_example_removed(
    open_page: Open, db: Database, changed: int
) -> None:
    ((kept,),) = examples.of_project(db, changed).values()
    app = open_page("guideline", view="Edit")
    app.text_input(key=f"example-{kept.id}-reason").input("No person").run()
    assert examples.get(db, kept.id).reason == "No person"
    app.button(key=f"example-{kept.id}-remove").click().run()
    assert examples.of_project(db, changed) == {}
