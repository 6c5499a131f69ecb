"""Word lists are kept with a project; their labels follow what becomes of the labels."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import delete

from storage.actions import actions, relabelling
from storage.coaching import makers, word_lists
from storage.corpus import projects
from storage.corpus.projects import required
from storage.engines.schema import WordListRow
from storage.errors import InputError, NotFoundError
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said
from storage.types import DocumentScore, Source, Span
from tests.storage.coaching.test_outcomes import ADA, finish
from tests.storage.conftest import sentence, stored

GIVEN = [("Ada", "PER"), ("Ulm 乌尔姆", "LOC"), ("Bob", "PER")]


@pytest.fixture
def kept(db, project):
    return word_lists.keep(db, project.id, " Travel ", GIVEN, match_case=False)


def ids_of(db, project) -> dict[str, int]:
    return {label.name: label.id for label in projects.list_labels(db, project.id)}


def test_a_list_is_kept_whole_and_labels_that_lack_are_made(db, project, kept):
    assert word_lists.entries(db, kept.id) == GIVEN
    assert word_lists.of_project(db, project.id) == [kept]
    assert (kept.name, kept.strings, kept.by_label) == ("Travel", 3, {"PER": 2, "LOC": 1})
    assert (kept.whole_words, kept.match_case, kept.is_asked, kept.lost) == (True, False, True, 0)
    assert list(ids_of(db, project)) == ["PER", "ORG", "LOC"]
    assert makers.names(db, [kept.run]) == {kept.run: "word list Travel"}
    assert runs.list_runs(db, project.id) == []


def test_the_same_name_takes_its_place_and_goes_on_in_its_name(db, project, kept):
    word_lists.ask(db, kept.id, False)
    before = word_lists.stamp(db, project.id)
    new = word_lists.keep(db, project.id, "Travel", [("Oslo", "LOC")])
    assert word_lists.of_project(db, project.id) == [new]
    assert (new.run, new.is_asked, new.match_case) == (kept.run, False, True)
    assert word_lists.stamp(db, project.id) != before
    with pytest.raises(NotFoundError, match="reload the page"):
        word_lists.entries(db, kept.id)


def test_a_list_of_no_use_is_refused(db, project, kept, monkeypatch):
    monkeypatch.setattr(word_lists, "MOST_STRINGS", 3)
    for name, given, why in (
        ("", GIVEN, "has no name"),
        ("a", [], "holds no strings"),
        ("Travel", [("x\0", "PER")], "NUL"),
        ("a", [("x", "PER")], "remove a list first"),
    ):
        with pytest.raises(InputError, match=why):
            word_lists.keep(db, project.id, name, given)
    assert word_lists.of_project(db, project.id) == [kept]
    assert word_lists.keep(db, project.id, "Travel", GIVEN).strings == 3


def test_labels_that_are_renamed_merged_or_deleted_take_their_strings_along(db, project, kept):
    def now() -> dict[str, str]:
        return dict(word_lists.entries(db, kept.id))

    label = ids_of(db, project)
    relabelling.rename_label(db, label["PER"], "human", "ada")
    assert now() == {"Ada": "human", "Ulm 乌尔姆": "LOC", "Bob": "human"}
    merged = relabelling.merge_labels(db, label["PER"], label["LOC"], "ada")
    again = relabelling.merge_labels(db, label["LOC"], label["ORG"], "ada")
    assert set(now().values()) == {"ORG"}
    actions.reverse(db, again.id, "ada")
    assert set(now().values()) == {"LOC"}
    back = actions.reverse(db, merged.id, "ada")
    assert now()["Ada"] == "human"
    actions.reverse(db, back.id, "ada")
    assert now()["Ada"] == "LOC"
    gone = relabelling.delete_label(db, label["LOC"], "ada")
    assert now() == {}
    (found,) = word_lists.of_project(db, project.id)
    assert (found.strings, found.lost, word_lists.asked(db, project.id)) == (0, 3, [])
    actions.reverse(db, gone.id, "ada")
    assert set(now().values()) == {"LOC"}
    # A label that is made again is no longer what it was merged into.
    projects.add_labels(db, project.id, ["human"])
    assert now()["Ada"] == "human"


def test_what_was_suggested_of_a_list_goes_with_it_from_texts_to_do(db, project, kept):
    ids = stored(db, project, *(sentence(f"Ada met Bob {n}", name=f"n{n}") for n in range(3)))
    other = word_lists.keep(db, project.id, "Others", GIVEN)
    bob = Span(8, 11, "PER", source=Source.MODEL, score=0.8)

    def put(id: int, run: int, *by: int) -> None:
        said = Said(DocumentScore(id, None, None, None, None), (ADA, bob), by=by)
        suggestions.put(db, run, [said])

    put(ids[0], kept.run)
    put(ids[1], other.run, kept.run, other.run)
    put(ids[2], kept.run)
    both = suggestions.of_document(db, ids[1])
    assert both.makers == {other.run: [bob], kept.run: [ADA]}
    finish(db, project, ids[2])
    word_lists.ask(db, kept.id, False)
    word_lists.remove(db, kept.id)
    found = suggestions.of_documents(db, ids)
    assert {id: each.spans for id, each in found.items()} == {ids[1]: (bob,), ids[2]: (ADA, bob)}
    assert [each.name for each in word_lists.of_project(db, project.id)] == ["Others"]


def test_a_deleted_project_takes_its_lists_along(db, project, kept):
    projects.delete_project(db, project.id)
    assert word_lists.of_project(db, project.id) == []
    with pytest.raises(NotFoundError):
        word_lists.entries(db, kept.id)


@pytest.mark.parametrize("change", [word_lists.remove, partial(word_lists.ask, is_asked=False)])
def test_who_changes_a_list_that_is_just_going_hears_that_it_is_gone(db, project, kept, change):
    with ThreadPoolExecutor(1) as other:
        with db.write() as session:
            required(session, project.id, turn=True)
            session.execute(delete(WordListRow).where(WordListRow.id == kept.id))
            waits = other.submit(change, db, kept.id)
            time.sleep(0.2)
        with pytest.raises(NotFoundError, match="reload the page"):
            waits.result()
