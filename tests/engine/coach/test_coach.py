"""The coach on a real database with the real encoder: what it learns, says, and takes back."""

import contextlib
import gc
import json
import sqlite3
from dataclasses import replace

import pytest

from engine.coach import learning, worker
from engine.coach.coach import Coach
from engine.coach.learning import Learning
from engine.coach.saved import Standing
from engine.commands import main
from engine.runner import delete_project
from storage.backups import restoring
from storage.coaching import kept
from storage.corpus import documents, projects
from storage.errors import BusyError, NotFoundError
from storage.runs import suggestions
from storage.types import Document, Project, RunKind, Span, Split, Status, Task
from tests.engine.coach.travels import edit, finish, make, said, travel, words


def test_it_suggests_from_what_was_finished_in_its_own_name(db, tagged):
    project, ids, wanted = tagged
    coach = Coach(db, project.id)
    update = coach.update(ids[10:])
    assert (update.documents, coach.standing.revision) == (10, 1)
    found = suggestions.of_documents(db, ids)
    assert list(found) == ids[10:]
    assert {(each.kind, each.revision) for each in found.values()} == {(RunKind.COACH, 1)}
    right = sum(
        span in found[id].spans
        for id, document in zip(ids[10:], wanted[10:], strict=True)
        for span in document.spans
    )
    assert right >= 15, found
    assert update.suggestions == sum(len(each.spans) for each in found.values())
    coach.close()


def test_what_it_says_does_not_depend_on_when_it_learned_it(db, tagged):
    project, ids, wanted = tagged
    first = Coach(db, project.id)
    first.update([])
    finish(db, project, ids[10], wanted[10])
    first.update([])
    edit(db, project, ids[10], {"kind": "status", "status": "in progress"})
    first.update(ids[10:])
    expected = said(db, ids)
    # Killed without a word, its file from before, or none.
    first.learning.save(at_once=True)
    for gone in (False, True):
        if gone:
            first.learning.file.unlink()
        again = Coach(db, project.id)
        assert again.standing.revision == (0 if gone else first.standing.revision)
        again.update(ids[10:])
        assert said(db, ids) == expected
        scores = [s.score for spans in said(db, ids).values() for s in spans]
        known = [s.score for spans in expected.values() for s in spans]
        assert scores == pytest.approx(known, abs=1e-6)


def test_a_mended_document_renews_what_leaned_on_it_and_counts_it(db, tagged):
    project, ids, wanted = tagged
    coach = Coach(db, project.id)
    coach.update(ids[10:])
    before = said(db, ids)
    assert coach.update(ids[10:]).changed is None
    for id in ids[:10]:
        edit(db, project, id, {"kind": "relabel", "id": "s1", "label": "person"})
    update = coach.update(())
    assert update.changed == sum(len(set(before[id]) ^ set(said(db, ids)[id])) for id in before)
    assert update.changed > 0
    assert not any(span.label == "place" for spans in said(db, ids).values() for span in spans)


def test_dev_and_test_are_not_learned_and_nothing_is_suggested_for_what_is_done(db, home):
    wanted = [travel(number) for number in range(4)]
    given = [
        replace(d, status=Status.DONE, split=split)
        for d, split in zip(wanted, (Split.DEV, Split.TEST, Split.TRAIN, None), strict=True)
    ]
    id = documents.create_with_documents(db, "Given", given, "ada")
    coach = Coach(db, id)
    coach.update(documents.list_ids(db, id))
    assert sorted(coach.learner.learned) == list(documents.list_ids(db, id))[2:]
    assert said(db, documents.list_ids(db, id)) == {}


@pytest.mark.long
def test_a_renamed_label_is_suggested_under_its_new_name(db, tagged):
    from storage.actions import relabelling

    project, ids, _ = tagged
    coach = Coach(db, project.id)
    coach.update(ids[10:])
    place = next(label.id for label in project.labels if label.name == "place")
    relabelling.rename_label(db, place, "Ort 地方", "ada")
    # Also where nobody is about to look.
    assert coach.update(()).changed
    labels = {span.label for spans in said(db, ids).values() for span in spans}
    assert labels == {"person", "Ort 地方"}


def test_a_backup_that_was_restored_takes_back_what_was_learned_since(db, tagged, home, tmp_path):
    project, ids, wanted = tagged
    coach = Coach(db, project.id)
    coach.update(ids[10:])
    expected = said(db, ids)
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as source:
        source.execute("VACUUM INTO ?", [str(tmp_path / "backup.db")])
    finish(db, project, ids[10], replace(wanted[10], spans=(Span(0, 3, "place"),)))
    finish(db, project, ids[11], wanted[11])
    coach.update(ids[12:])
    db.close()
    restoring.restore(home / "whetstone.db", tmp_path / "backup.db")
    # As many new edits as were lost have the same numbers.
    finish(db, project, ids[11], wanted[11])
    edit(db, project, ids[11], {"kind": "status", "status": "in progress"})
    coach.update(ids[10:])
    assert set(coach.learner.learned) == set(ids[:10])
    assert said(db, ids) == expected


def test_a_project_that_gets_the_number_of_another_one_begins_with_nothing(db, home, tmp_path):
    done = [replace(travel(number), status=Status.DONE) for number in range(4)]
    documents.create_with_documents(db, "Stays", done[:1], "ada")
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as source:
        source.execute("VACUUM INTO ?", [str(tmp_path / "backup.db")])
    lost = Coach(db, documents.create_with_documents(db, "Lost", done, "ada"))
    lost.update(())
    lost.close()
    db.close()
    restoring.restore(home / "whetstone.db", tmp_path / "backup.db")
    new = documents.create_with_documents(db, "New", done[:1], "ada")
    assert new == lost.project.id
    coach = Coach(db, new)
    assert coach.learner.learned == {}
    assert coach.update(()).documents == 1


@pytest.mark.parametrize("task", [Task.CLASSES, Task.MULTILABEL, Task.PAIRS])
def test_whole_texts_are_learned_like_spans(db, task):
    kinds = {"sport": "The team won the match", "money": "The bank raised its interest rates"}
    wanted = [
        Document(f"{text}, day {number} .", spans=(Span(0, 0, kind),))
        for number in range(8)
        for kind, text in kinds.items()
    ]
    if task is Task.PAIRS:
        fits = {"sport": "yes", "money": "no"}
        wanted = [
            replace(d, spans=(Span(0, 0, fits[d.spans[0].label]),), second_text=kinds["sport"])
            for d in wanted
        ]
    wanted = [replace(d, tokens=words(d.text)) for d in wanted]
    project = make(db, wanted, task=task, allow_overlaps=task is Task.MULTILABEL)
    ids = list(documents.list_ids(db, project.id))
    for id, document in zip(ids[:10], wanted, strict=False):
        finish(db, project, id, document)
    coach = Coach(db, project.id)
    coach.update(ids[10:])
    found = said(db, ids)
    assert [found[id] for id in ids[10:]] == [document.spans for document in wanted[10:]]


def test_the_command_does_one_update_and_tells_what_it_did(db, tagged, capsys):
    project, ids, _ = tagged
    asked = ["coach", "--project", project.name, "--once", "--json"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"documents", "suggestions", "seconds", "learner"}
    assert (told["documents"], told["suggestions"]) == (10, sum(map(len, said(db, ids).values())))
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 0


def test_everything_it_keeps_lies_below_one_folder(db, tagged, home):
    project, ids, _ = tagged
    coach = Coach(db, project.id)
    coach.update(ids[10:])
    coach.close()
    place = home / kept.FOLDER
    assert sorted(path.name for path in place.iterdir()) == ["learned", "states"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.rglob("*") if path.is_dir())


@pytest.mark.long
def test_ten_thousand_documents_are_never_held_at_once(db, monkeypatch):
    wanted = [replace(travel(number), status=Status.DONE) for number in range(120)]
    id = documents.create_with_documents(db, "Many", wanted, "ada")
    coach, held = Coach(db, id), []

    def count() -> int:
        return sum(type(each) is Document for each in gc.get_objects())

    take = Learning.take

    def counted(self, portion):
        held.append(count() - before)
        return take(self, portion)

    monkeypatch.setattr(Learning, "take", counted)
    before = count()
    assert coach.update(()).documents == 120
    # Those before them may not be gone yet.
    assert 0 < max(held) <= 2 * learning.AT_ONCE


@pytest.fixture
def long(db) -> tuple[Project, list[int], list[Document]]:
    """So many documents came done that they are read in several portions; four are to do."""
    wanted = [travel(number) for number in range(3 * learning.AT_ONCE)]
    given = [replace(each, status=Status.DONE) for each in wanted[:-4]]
    given += [replace(each, spans=()) for each in wanted[-4:]]
    id = documents.create_with_documents(db, "Long", given, "ada")
    return projects.get_project(db, id), list(documents.list_ids(db, id)), wanted


def test_while_it_reads_it_suggests_and_learns_first_what_people_do_now(db, long):
    project, ids, wanted = long
    coach = Coach(db, project.id)
    assert coach.update(ids[-4:], 0.0).documents == learning.AT_ONCE
    assert coach.reads_on and all(said(db, ids).get(id) for id in ids[-4:])
    finish(db, project, ids[-1], wanted[-1])
    edit(db, project, ids[0], {"kind": "status", "status": "in progress"})
    assert coach.update(ids[-4:-1], 0.0).changed is not None
    assert ids[-1] in coach.learner.learned and ids[0] not in coach.learner.learned
    assert coach.reads_on


def test_killed_while_it_reads_it_goes_on_from_there_to_the_same_end(db, long):
    project, ids, wanted = long
    first = Coach(db, project.id)
    first.update(ids[-4:], 0.0)
    edit(db, project, ids[0], {"kind": "status", "status": "in progress"})
    first.close()
    finish(db, project, ids[-1], wanted[-1])
    edit(db, project, ids[1], {"kind": "status", "status": "in progress"})
    again = Coach(db, project.id)
    assert set(again.learner.learned) == set(ids[: learning.AT_ONCE]) and again.reads_on
    again.update((), 0.0)
    while again.reads_on:
        again.update(ids[-4:], 0.0)
    expected = said(db, ids[-4:-1])
    again.learning.file.unlink(missing_ok=True)
    undisturbed = Coach(db, project.id)
    undisturbed.update(ids[-4:])
    assert set(again.learner.learned) == set(undisturbed.learner.learned)
    assert said(db, ids[-4:-1]) == expected and all(expected.values())


def test_what_could_not_be_learned_is_learned_the_next_time(db, tagged, monkeypatch):
    project, ids, _ = tagged
    coach, take = Coach(db, project.id), Learning.take

    def fail(self, portion):
        monkeypatch.setattr(Learning, "take", take)
        take(self, portion)
        raise BusyError("in use")

    monkeypatch.setattr(Learning, "take", fail)
    with pytest.raises(BusyError):
        coach.update(())
    assert coach.update(()).documents == 10
    assert set(coach.learner.learned) == set(ids[:10])
    assert coach.learner.ridge.inside.count == 20


def test_a_deleted_project_leaves_nothing_of_its_own(db, tagged, home):
    project, ids, _ = tagged
    other = make(db, [travel(number) for number in range(2)], "Other")
    for number, id in enumerate(documents.list_ids(db, other.id)):
        finish(db, other, id, travel(number))
    coaches = [Coach(db, each.id) for each in (project, other)]
    for coach in coaches:
        coach.update(ids[10:])
        coach.close()
    locks = [worker.lock(db, project.id, what) for what in ("coach", "renewal")]
    assert all(lock.acquire() for lock in locks)
    delete_project(db, project.id)
    with pytest.raises(NotFoundError):
        worker.lock(db, project.id)
    assert [path.name for path in home.glob("*-*.lock")] == []
    # One that is still at work in another process does not know yet.
    coaches[0].learning.standing = Standing(1)
    coaches[0].close()
    assert [path for path in kept.folder().rglob("*") if path.is_file()] == [
        kept.learned(db, other.id)
    ]
    Coach(db, other.id).update(list(documents.list_ids(db, other.id)))
