"""Labels deleted, merged, renamed, split; overlaps forbidden: told before, one step, reversible."""

import pytest

from storage.actions import actions, relabelling
from storage.corpus import projects
from storage.errors import InputError, NotFoundError, RefusedError
from storage.journal import annotations
from storage.types import Span
from tests.storage.conftest import sentence, stored

TEXT = "Ada met Bob."
ADA, BOB = Span(0, 3, "PER"), Span(8, 11, "ORG")


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(db, project, sentence(TEXT, ADA, BOB), sentence(TEXT, ADA), sentence(TEXT))


def label(db, project, name: str) -> int:
    return next(each.id for each in projects.list_labels(db, project.id) if each.name == name)


def names(db, project) -> list[str]:
    return [each.name for each in projects.list_labels(db, project.id)]


def spans(db, document: int) -> list[Span]:
    return list(annotations.open_annotation(db, document, "ada").spans)


def test_a_change_is_counted_before_it_is_made(db, project, ids):
    person = label(db, project, "PER")
    assert relabelling.touch(db, person) == relabelling.Touch(2, 2)
    assert relabelling.quotes(db, person) == [("Ada", 2)]


def test_a_deleted_label_goes_with_its_spans_and_comes_back_with_them(db, project, ids):
    action = relabelling.delete_label(db, label(db, project, "PER"), "ada")
    assert (action.spans, action.documents) == (2, 2)
    assert (names(db, project), spans(db, ids[0]), spans(db, ids[1])) == (["ORG"], [BOB], [])
    actions.reverse(db, action.id, "ada")
    assert sorted(names(db, project)) == ["ORG", "PER"]
    assert (spans(db, ids[0]), spans(db, ids[1])) == ([ADA, BOB], [ADA])


def test_what_was_labelled_meanwhile_is_not_overwritten(db, project, ids):
    action = relabelling.delete_label(db, label(db, project, "PER"), "ada")
    addition = {"id": "x", "start": 0, "end": 7, "label": "ORG", "quote": "Ada met"}
    changes = {ids[0]: [{"kind": "add", "span": addition}]}
    actions.apply(db, project.id, "ada", "test", "one more", changes)
    back = actions.reverse(db, action.id, "ada")
    assert (back.spans, back.skipped) == (1, 1)
    assert (spans(db, ids[0]), spans(db, ids[1])) == ([Span(0, 7, "ORG"), BOB], [ADA])


def test_a_label_that_is_added_again_is_the_old_one(db, project, ids):
    person = label(db, project, "PER")
    action = relabelling.delete_label(db, person, "ada")
    projects.add_labels(db, project.id, ["PER"])
    assert label(db, project, "PER") == person
    assert spans(db, ids[1]) == []
    actions.reverse(db, action.id, "ada")
    assert spans(db, ids[1]) == [ADA]


def test_everybodys_spans_go_with_a_label(db, project, ids):
    sent = {"seq": 1, "base_revision": 0, "kind": "flag", "flagged": True}
    annotations.apply_operations(db, project.id, ids[0], "bob", "b", [sent])
    assert relabelling.touch(db, label(db, project, "PER")) == relabelling.Touch(3, 2)
    action = relabelling.delete_label(db, label(db, project, "PER"), "ada")
    assert annotations.open_annotation(db, ids[0], "bob").spans == (BOB,)
    current = next(iter(annotations.current(db, project.id)))
    assert (current.spans, action.spans) == ((BOB,), 3)
    actions.reverse(db, action.id, "ada")
    assert annotations.open_annotation(db, ids[0], "bob").spans == (ADA, BOB)


def test_merged_labels_share_their_spans_until_it_is_taken_back(db, project, ids):
    merged = relabelling.merge_labels(
        db, label(db, project, "PER"), label(db, project, "ORG"), "ada"
    )
    assert names(db, project) == ["ORG"]
    assert spans(db, ids[0]) == [Span(0, 3, "ORG"), BOB]
    actions.reverse(db, merged.id, "ada")
    assert (spans(db, ids[0]), spans(db, ids[1])) == ([ADA, BOB], [ADA])


def test_merging_leaves_one_of_two_spans_on_the_same_characters(db, project):
    relabelling.set_overlaps(db, project.id, True, "ada")
    (id,) = stored(db, project, sentence(TEXT, ADA, Span(0, 3, "ORG")))
    merged = relabelling.merge_labels(
        db, label(db, project, "PER"), label(db, project, "ORG"), "ada"
    )
    assert spans(db, id) == [Span(0, 3, "ORG")]
    actions.reverse(db, merged.id, "ada")
    assert spans(db, id) == [Span(0, 3, "ORG"), ADA]


def test_a_label_is_not_merged_into_itself_or_another_projects(db, project, ids):
    person = label(db, project, "PER")
    other = projects.create_project(db, "Other")
    foreign = projects.add_labels(db, other.id, ["LOC"])[0].id
    for target in (person, foreign):
        with pytest.raises(InputError):
            relabelling.merge_labels(db, person, target, "ada")


def test_a_new_name_is_an_action_too(db, project, ids):
    action = relabelling.rename_label(db, label(db, project, "PER"), "Person", "ada")
    assert spans(db, ids[1]) == [Span(0, 3, "Person")]
    actions.reverse(db, action.id, "ada")
    assert spans(db, ids[1]) == [ADA]


def test_a_name_that_was_given_to_another_cannot_come_back(db, project, ids):
    action = relabelling.rename_label(db, label(db, project, "PER"), "Person", "ada")
    projects.add_labels(db, project.id, ["PER"])
    with pytest.raises(RefusedError, match='a label "PER" already'):
        actions.reverse(db, action.id, "ada")
    assert "Person" in names(db, project)


def test_older_changes_are_taken_back_under_the_new_name(db, project, ids):
    org, person = label(db, project, "ORG"), label(db, project, "PER")
    split = relabelling.split_label(db, person, "ORG", ["Ada"], "ada")
    relabelling.rename_label(db, person, "Person", "ada")
    relabelling.rename_label(db, org, "Firm", "ada")
    back = actions.reverse(db, split.id, "ada")
    assert (back.spans, back.skipped) == (2, 0)
    assert spans(db, ids[1]) == [Span(0, 3, "Person")]


def test_a_label_is_split_by_what_its_spans_say(db, project):
    (id,) = stored(db, project, sentence(TEXT, ADA, Span(8, 11, "PER")))
    action = relabelling.split_label(db, label(db, project, "PER"), "BOB", ["Bob"], "ada")
    assert spans(db, id) == [ADA, Span(8, 11, "BOB")]
    actions.reverse(db, action.id, "ada")
    assert spans(db, id) == [ADA, Span(8, 11, "PER")]
    assert "BOB" not in names(db, project)


def test_a_label_that_is_not_there_is_named(db, project):
    with pytest.raises(NotFoundError):
        relabelling.delete_label(db, 999, "ada")


def test_forbidding_overlaps_keeps_the_longest_and_can_be_taken_back(db, project):
    relabelling.set_overlaps(db, project.id, True, "ada")
    nested = [Span(0, 7, "PER"), Span(0, 3, "ORG"), Span(4, 11, "ORG")]
    (id,) = stored(db, project, sentence(TEXT, *nested))
    assert relabelling.overlap_touch(db, project.id) == relabelling.Touch(2, 1)
    action = relabelling.set_overlaps(db, project.id, False, "ada")
    assert spans(db, id) == [Span(0, 7, "PER")]
    assert not projects.get_project(db, project.id).allow_overlaps
    actions.reverse(db, action.id, "ada")
    assert projects.get_project(db, project.id).allow_overlaps
    assert spans(db, id) == sorted(nested)


def test_allowing_overlaps_is_not_taken_back_while_spans_overlap(db, project):
    action = relabelling.set_overlaps(db, project.id, True, "ada")
    stored(db, project, sentence(TEXT, Span(0, 7, "PER"), Span(0, 3, "ORG")))
    with pytest.raises(RefusedError, match="1 document holds overlapping spans"):
        actions.reverse(db, action.id, "ada")
    assert projects.get_project(db, project.id).allow_overlaps


def test_labels_change_their_order(db, project):
    projects.add_labels(db, project.id, ["LOC"])
    relabelling.move_label(db, label(db, project, "LOC"), 0)
    assert names(db, project) == ["LOC", "PER", "ORG"]
