"""Setting a part of train aside: whole sources, seeded, told first, one step back."""

import pytest

from storage.actions import actions, setting_aside, undo
from storage.corpus import dev_split, projects
from storage.database.connection import Database
from storage.errors import NotFoundError, RefusedError
from storage.finding import search
from storage.journal import annotations
from storage.types import Project, Span, Split, Status
from tests.storage.conftest import sentence, stored

SPAN = Span(0, 3, "PER")


def by_split(db: Database, project: Project) -> dict[Split, list]:
    found: dict[Split | None, list] = {split: [] for split in [*Split, None]}
    for document in annotations.current(db, project.id):
        found[document.split].append(document)
    return found


def many(db: Database, project: Project, count: int, **fields: object) -> None:
    stored(db, project, *(sentence(f"Ada {n}", SPAN, **fields) for n in range(count)))


def test_what_would_be_set_aside_is_told_first_and_then_done(db: Database, project: Project):
    many(db, project, 100)
    part = setting_aside.plan(db, project.id)
    assert part.title == "10 documents for dev and 10 for test"
    assert part == setting_aside.plan(db, project.id), "the same seed chooses the same"
    assert part != setting_aside.plan(db, project.id, seed=14)
    action = setting_aside.set_aside(db, project.id, "ada")
    found = by_split(db, project)
    assert [d.id for d in found[Split.DEV]] == list(part.dev)
    assert [d.id for d in found[Split.TEST]] == list(part.test)
    assert len(found[Split.TRAIN]) == 80
    assert action.title == "10 documents for dev and 10 for test set aside"


def test_a_share_may_be_named(db: Database, project: Project):
    many(db, project, 100)
    part = setting_aside.plan(db, project.id, share=0.25)
    assert (len(part.dev), len(part.test)) == (25, 25)


def test_documents_of_one_source_stay_together(db: Database, project: Project):
    texts = [sentence(f"{s} {n}", SPAN, group=s) for s in "klmnopqrst" for n in range(5)]
    stored(db, project, *texts)
    setting_aside.set_aside(db, project.id, "ada")
    homes: dict[str, set] = {}
    for document in annotations.current(db, project.id):
        homes.setdefault(document.group, set()).add(document.split)
    assert all(len(splits) == 1 for splits in homes.values())
    assert {split for splits in homes.values() for split in splits} == set(Split)


def test_of_a_single_source_sentences_are_drawn_and_that_is_said(db: Database, project: Project):
    many(db, project, 50, group="one")
    part = setting_aside.plan(db, project.id)
    assert (len(part.dev), len(part.test), part.together) == (5, 5, False)


def test_only_what_is_missing_is_set_aside(db: Database, project: Project):
    many(db, project, 50)
    stored(db, project, sentence("Test", SPAN, split=Split.TEST))
    part = setting_aside.plan(db, project.id)
    assert (len(part.dev), len(part.test)) == (5, 0)
    assert part.title == "5 documents for dev"
    stored(db, project, sentence("Dev", SPAN, split=Split.DEV))
    with pytest.raises(RefusedError, match="nothing is missing"):
        setting_aside.plan(db, project.id)


def test_a_dev_split_that_nobody_has_worked_on_is_no_dev_split(db: Database, project: Project):
    many(db, project, 50)
    stored(db, project, sentence("Raw", split=Split.DEV), sentence("Raw too", split=Split.TEST))
    assert setting_aside.plan(db, project.id).title == "5 documents for dev and 5 for test"


def test_what_is_not_done_stays_where_it_is(db: Database, project: Project):
    many(db, project, 30)
    stored(db, project, *(sentence(f"Raw {n}") for n in range(300)))
    setting_aside.set_aside(db, project.id, "ada")
    assert {d.status for d in by_split(db, project)[Split.DEV]} == {Status.DONE}
    assert len(by_split(db, project)[Split.DEV]) == 3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_sentences_are_refused_in_a_sentence(db: Database, project: Project, count: int):
    many(db, project, count)
    with pytest.raises(RefusedError, match="At least 3 different documents of train must be done"):
        setting_aside.set_aside(db, project.id, "ada")
    assert actions.list_actions(db, project.id) == []


def test_one_undo_takes_it_back_and_redo_repeats_it(db: Database, project: Project):
    many(db, project, 20)
    stored(db, project, *(sentence(f"B {n}", SPAN, split=None) for n in range(20)))
    before = {d.id: d.split for d in annotations.current(db, project.id)}
    action = setting_aside.set_aside(db, project.id, "ada")
    after = {d.id: d.split for d in annotations.current(db, project.id)}
    assert setting_aside.newest(db, project.id) == action
    undo.undo(db, project.id, "ada", f"action:{action.id}")
    assert {d.id: d.split for d in annotations.current(db, project.id)} == before
    assert setting_aside.newest(db, project.id) is None
    undo.redo(db, project.id, "ada", f"action:{action.id}")
    assert {d.id: d.split for d in annotations.current(db, project.id)} == after
    assert setting_aside.newest(db, project.id) == action


def test_a_search_by_split_sees_at_once_what_moved(db: Database, project: Project):
    many(db, project, 40)
    dev_split.assign(db, project.id)

    def counted(split: Split) -> int:
        return search.count(db, project.id, search.Search(split=str(split)))

    assert counted(Split.TEST) == 0
    setting_aside.set_aside(db, project.id, "ada")
    assert counted(Split.TEST) == 4


def test_a_project_that_is_not_there_is_said(db: Database):
    with pytest.raises(NotFoundError):
        setting_aside.plan(db, 9)
    assert projects.list_projects(db) == []
