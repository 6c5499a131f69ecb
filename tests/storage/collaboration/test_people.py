"""Who has labelled in a project."""

from storage.collaboration import people
from storage.corpus import projects
from storage.journal import annotations
from storage.types import Answer, Merged, Span
from tests.storage.conftest import sentence, stored


def finish(db, project, document: int, name: str) -> None:
    edit = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    edit["base_revision"] = annotations.open_annotation(db, document, name).revision
    annotations.apply_operations(db, project.id, document, name, f"tab-{name}", [edit])


def test_who_labels_is_known_from_the_first_edit_on(db, project):
    assert not people.annotators(db, project.id)
    first, second = stored(
        db, project, sentence("Ada met Bob.", Span(0, 3, "PER")), sentence("Hm.")
    )
    before = people.annotators(db, project.id)
    assert not people.are_several(db, project.id)
    finish(db, project, second, "Bob")
    finish(db, project, first, "Eve")
    assert people.annotators(db, project.id) == before | {"Bob", "Eve"}
    assert people.are_several(db, project.id)


def test_people_of_another_project_and_those_who_are_no_person_are_none_of_it(db, project):
    other = projects.create_project(db, "Other")
    finish(db, other, stored(db, other, sentence("Hm."))[0], "Bob")
    (id,) = stored(db, project, sentence("Oh.", Span(0, 2, "PER"), others=(Answer("Ada"),)))
    finish(db, project, id, Merged.ADJUDICATED)
    assert Merged.ADJUDICATED not in people.annotators(db, project.id)
    assert "Bob" not in people.annotators(db, project.id)
    assert "Ada" in people.annotators(db, project.id)
