"""Examples of a label: taken from sentences, kept with their reason, gone with their label."""

import pytest
from sqlalchemy import delete

from storage.corpus import projects
from storage.database import settings
from storage.engines.schema import DocumentRow
from storage.errors import ForbiddenError, InputError, NotFoundError
from storage.knowledge import examples
from storage.permissions import Person, Role, acting_as
from storage.types import Span
from tests.storage.conftest import sentence, stored

TEXT = "Ada met <b>Bob</b>."


@pytest.fixture
def document(db, project) -> int:
    return stored(db, project, sentence(TEXT, Span(0, 3, "PER")))[0]


@pytest.fixture
def per(project) -> int:
    return project.labels[0].id


def test_a_sentence_is_kept_with_its_mark_and_its_reason(db, project, document, per):
    settings.put(db, "annotator", "ada")
    added = examples.add(db, project.id, per, "positive", TEXT, 0, 3, document, " A person. ")
    assert (added.quote, added.reason, added.author) == ("Ada", "A person.", "ada")
    whole = examples.add(db, project.id, per, "negative", TEXT, 0, 0, second_text="Who?")
    assert (whole.start, whole.quote, whole.second_text) == (None, TEXT, "Who?")
    assert examples.of_project(db, project.id) == {per: [added, whole]}
    assert examples.get(db, added.id) == added


def test_what_is_an_example_already_is_not_one_twice(db, project, document, per):
    first = examples.add(db, project.id, per, "positive", TEXT, 0, 3, document, "A person.")
    again = examples.add(db, project.id, per, "positive", TEXT, 0, 3, document)
    assert again == first
    other = examples.add(db, project.id, per, "positive", TEXT, 0, 3, document, "A name.")
    assert (other.id, other.reason) == (first.id, "A name.")


def test_a_reason_is_changed_and_an_example_removed(db, project, per):
    added = examples.add(db, project.id, per, "positive", TEXT, 0, 3)
    assert examples.change(db, added.id, reason="No.", kind="negative").kind == "negative"
    assert examples.get(db, added.id).reason == "No."
    examples.remove(db, added.id)
    assert examples.of_project(db, project.id) == {}
    for call in (examples.get, examples.remove, lambda *a: examples.change(*a, reason="")):
        with pytest.raises(NotFoundError, match="This example is not there any more"):
            call(db, added.id)


def test_an_example_outlives_the_document_that_it_was_taken_from(db, project, document, per):
    added = examples.add(db, project.id, per, "positive", TEXT, 0, 3, document)
    assert added.document == document
    with db.write() as session:
        session.execute(delete(DocumentRow))
    assert examples.get(db, added.id).document is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "maybe"}, "'maybe' is no kind of example"),
        ({"text": "  "}, "The example has no text"),
        ({"text": "a\0b"}, "holds a NUL"),
        ({"text": "a" * 2_001}, "2,000 characters at most"),
        ({"start": 3, "end": 3}, "does not lie in the example's text"),
        ({"end": len(TEXT) + 1}, "does not lie in the example's text"),
        ({"start": None}, "does not lie in the example's text"),
        ({"reason": "a" * 2_001}, "A reason has 2,000 characters at most"),
    ],
)
def test_what_shows_nothing_is_refused(db, project, per, given, said):
    good = {"kind": "positive", "text": TEXT, "start": 0, "end": 3}
    with pytest.raises(InputError, match=said):
        examples.add(db, project.id, per, **good | given)
    assert examples.of_project(db, project.id) == {}


def test_of_another_project_no_label_and_no_document_is_taken(db, project, document, per):
    other = projects.create_project(db, "Other")
    with pytest.raises(NotFoundError, match="This label is not there any more"):
        examples.add(db, other.id, per, "positive", TEXT, 0, 3)
    own = projects.add_labels(db, other.id, ["PER"])[0].id
    with pytest.raises(NotFoundError, match=f"has no document {document}"):
        examples.add(db, other.id, own, "positive", TEXT, 0, 3, document)


def test_an_annotator_adds_none(db, project, per):
    with acting_as(Person("bob", Role.ANNOTATOR)), pytest.raises(ForbiddenError):
        examples.add(db, project.id, per, "positive", TEXT, 0, 3)
    with acting_as(Person("rhea", Role.REVIEWER)):
        assert examples.add(db, project.id, per, "positive", TEXT, 0, 3).author == "rhea"
