"""Versions of a guideline: what makes one, who and why, what annotations know of them, back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from storage.actions import actions, relabelling
from storage.corpus import projects
from storage.engines.schema import AnnotationRow, GuidelineVersionRow
from storage.errors import ForbiddenError, InputError, NotFoundError
from storage.journal import annotations
from storage.knowledge import examples, guidelines, outdated
from storage.knowledge.versions.said import Version
from storage.permissions import Person, Role, acting_as
from storage.types import Label, Span
from tests.storage.conftest import sentence, stored

ADA, BOB = Person("ada", Role.ADMIN), Person("bob", Role.ADMIN)


def say(db, project, who: Person = ADA, name: str = "PER", **words) -> Label:
    label = next(each for each in projects.list_labels(db, project.id) if each.name == name)
    with acting_as(who):
        return projects.update_label(db, replace(label, **words))


def edit(db, project, document: int, annotator: str = "ada", n: int = 1) -> None:
    """Mark a document as done."""
    work = annotations.open_annotation(db, document, annotator)
    operation = {"seq": n, "base_revision": work.revision, "kind": "status", "status": "done"}
    client = f"c-{document}-{annotator}"
    annotations.apply_operations(db, project.id, document, annotator, client, [operation])


def let_time_pass(db, minutes: int = 11) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="milliseconds")
    with db.write() as session:
        session.execute(update(GuidelineVersionRow).values(created_at=at))


def made_under(db, document: int) -> int | None:
    query = select(AnnotationRow.guideline).where(
        AnnotationRow.document_id == document, AnnotationRow.is_current
    )
    with db.read() as session:
        return session.scalar(query)


def known(db, project) -> list[tuple[int, str, str]]:
    return [(each.number, each.author, each.note) for each in guidelines.history(db, project.id)]


@pytest.fixture
def texts(db, project) -> list[int]:
    """A document that bears PER, one that bears ORG, one that bears none; the first is done."""
    bearing = [sentence("Ada met Bob.", Span(0, 3, name)) for name in ("PER", "ORG")]
    ids = stored(db, project, *bearing, sentence("Ada met Bob."))
    edit(db, project, ids[0])
    return ids


def test_what_a_project_is_set_up_with_is_its_first_version(db, project):
    stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")))
    say(db, project, description="People")
    say(db, project, name="ORG", description="Firms", color="#000000")
    projects.set_guideline(db, project.id, "# Ours")
    version = guidelines.in_force(db, project.id)
    assert guidelines.history(db, project.id) == [version]
    assert (version.number, version.text, version.note) == (1, "# Ours", "")
    assert [label.description for label in version.labels] == ["People", "Firms"]


def test_a_change_of_text_words_or_examples_makes_the_next_version(db, project, texts):
    say(db, project, description="People")
    let_time_pass(db)
    with acting_as(ADA):
        projects.set_guideline(db, project.id, "# Ours", note="Asked by Cem")
    let_time_pass(db)
    with acting_as(ADA):
        examples.add(db, project.id, project.labels[1].id, "positive", "Ada met.", 0, 3)
    assert known(db, project) == [
        (4, "ada", "ORG: examples"),
        (3, "ada", "Asked by Cem"),
        (2, "ada", "PER: description"),
        (1, "", ""),
    ]
    first, second = (guidelines.version(db, project.id, n) for n in (1, 2))
    assert (first.labels[0].description, second.labels[0].description) == ("", "People")
    assert not first.labels[1].examples
    with pytest.raises(NotFoundError, match="has no version 5"):
        guidelines.version(db, project.id, 5)


def test_a_colour_a_key_a_name_or_a_label_that_comes_makes_none(db, project, texts):
    say(db, project, color="#123456", key="x")
    relabelling.rename_label(db, project.labels[0].id, "PERSON", "ada")
    projects.add_labels(db, project.id, ["LOC"])
    projects.set_guideline(db, project.id, "")
    assert known(db, project) == [(1, "", "")]


def test_saves_of_one_author_in_a_row_are_one_version(db, project, texts):
    for words in ("P", "Pe", "People"):
        say(db, project, description=words)
    say(db, project, name="ORG", positive="a bank")
    assert known(db, project)[0] == (2, "ada", "PER: description; ORG: description")
    say(db, project, BOB, description="People of flesh")
    assert known(db, project)[0] == (3, "bob", "PER: description")
    say(db, project, ADA, description="People")
    assert known(db, project)[0] == (4, "ada", "PER: description")


def test_a_meaning_that_changes_after_others_have_labelled_is_a_version_of_its_own(
    db, project, texts
):
    say(db, project, description="People")
    edit(db, project, texts[1])
    say(db, project, positive="Ada")
    assert known(db, project)[0][0] == 3
    assert (made_under(db, texts[0]), made_under(db, texts[1])) == (1, 2)


def test_an_annotation_knows_the_version_in_force(db, project, texts):
    assert [made_under(db, id) for id in texts] == [1, None, None]
    say(db, project, description="People")
    edit(db, project, texts[0], n=2)
    assert made_under(db, texts[0]) == 2
    edit(db, project, texts[1], "bob")
    assert made_under(db, texts[1]) == 2


def test_who_changes_many_at_once_has_looked_at_none(db, project, texts):
    say(db, project, description="People")
    per, org = projects.list_labels(db, project.id)
    relabelling.merge_labels(db, org.id, per.id, "ada")
    assert [made_under(db, id) for id in texts[:2]] == [1, None]
    add = {"kind": "add", "span": {"id": "n", "start": 0, "end": 3, "label": "PER", "quote": "Bea"}}
    bare = stored(db, project, sentence("Bea left."))[-1]
    actions.apply(db, project.id, "ada", "test", "all", {bare: [add]})
    assert made_under(db, bare) == 2


def test_documents_with_the_old_meaning_are_those_that_bear_the_label(db, project, texts):
    per = project.labels[0].id
    say(db, project, description="People")
    assert outdated.of_project(db, project.id) == [], "first words say what was meant"
    say(db, project, description="People and animals")
    (found,) = outdated.of_project(db, project.id)
    assert (found.label.name, found.label.since, found.bearing, found.suggested) == ("PER", 2, 1, 0)
    assert outdated.documents(db, project.id, per) == texts[:1]
    edit(db, project, texts[0], n=2)
    assert outdated.documents(db, project.id, per) == []
    assert outdated.of_project(db, project.id) == []


def test_only_wording_leaves_nothing_to_look_at_and_a_text_can_change_a_meaning(db, project, texts):
    per = project.labels[0].id
    say(db, project, description="People")
    let_time_pass(db)
    say(db, project, description="Persons")
    assert guidelines.set_meaning(db, project.id, per, False).label(per).since == 1
    assert outdated.documents(db, project.id, per) == []
    assert guidelines.set_meaning(db, project.id, per, True).label(per).since == 3
    assert outdated.documents(db, project.id, per) == texts[:1]
    edit(db, project, texts[0], n=2)
    with acting_as(BOB):
        projects.set_guideline(db, project.id, "Animals, too", meaning=[per])
    assert outdated.documents(db, project.id, per) == texts[:1]


def test_a_first_version_has_no_meaning_to_change(db, project, texts):
    with pytest.raises(InputError, match="first version"):
        guidelines.set_meaning(db, project.id, project.labels[0].id, True)


def test_a_reviewer_says_what_a_label_is_and_leaves_the_rest_of_it_alone(db, project, texts):
    label = project.labels[0]
    with acting_as(Person("cyd", Role.REVIEWER)):
        found = projects.describe_label(db, label.id, description="People", negative="Titles")
        with pytest.raises(ForbiddenError):
            projects.update_label(db, replace(label, name="HUMAN"))
    assert found == replace(label, description="People", negative="Titles")
    assert known(db, project)[0][:2] == (2, "cyd")
    with acting_as(Person("dan", Role.ANNOTATOR)), pytest.raises(ForbiddenError):
        projects.describe_label(db, label.id, description="Anything")


def test_an_old_version_is_taken_back_as_a_new_one(db, project, texts):
    per, org = (label.id for label in project.labels)
    with acting_as(ADA):
        kept = examples.add(db, project.id, per, "positive", "Ada met.", 0, 3, reason="A name")
        projects.set_guideline(db, project.id, "Old")
    then = guidelines.in_force(db, project.id)
    with acting_as(BOB):
        projects.set_guideline(db, project.id, "New")
        examples.remove(db, kept.id)
        examples.add(db, project.id, org, "negative", "Ada met.", 0, 3)
        say(db, project, BOB, description="Persons")
    with acting_as(ADA):
        back = guidelines.take_back(db, project.id, then.number)
    assert (back.number, back.note, back.author) == (4, f"Back to version {then.number}", "ada")
    assert said(back) == said(then)
    assert [each.number for each in guidelines.history(db, project.id)] == [4, 3, 2, 1]


def said(version: Version) -> tuple:
    return version.text, [(label.words, set(label.examples)) for label in version.labels]


def test_a_label_that_is_gone_stays_away(db, project, texts):
    say(db, project, description="People")
    then = guidelines.in_force(db, project.id).number
    relabelling.delete_label(db, project.labels[0].id, "ada")
    with acting_as(BOB):
        projects.set_guideline(db, project.id, "New")
        guidelines.take_back(db, project.id, then)
    assert [each.name for each in projects.list_labels(db, project.id)] == ["ORG"]
