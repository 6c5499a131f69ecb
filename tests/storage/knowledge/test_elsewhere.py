"""What other projects know: found by words, copied with where it comes from."""

from dataclasses import replace

import pytest

from storage.coaching import word_lists, work
from storage.corpus import projects
from storage.database import settings
from storage.engines.clock import now
from storage.engines.schema import NotebookEntryRow, SuspectRow
from storage.errors import ForbiddenError, InputError, NotFoundError
from storage.knowledge import elsewhere, examples, guidelines, notebook, taking_over
from storage.knowledge.elsewhere import Kind
from storage.permissions import Person, Role, acting_as
from storage.runs import runs
from storage.types import RunState, Task
from tests.storage.conftest import sentence, stored

TEXT = "Ada met Bob."


@pytest.fixture
def other(db):
    """A project that knows something: of two labels, one of which is called as ours is."""
    made = projects.create_project(db, "Old `news`")
    per, _ = projects.add_labels(db, made.id, ["PER", "GOD"])
    projects.update_label(db, replace(per, description="People", color="#123456"))
    examples.add(db, made.id, per.id, "positive", TEXT, 0, 3, reason="A name")
    projects.set_guideline(db, made.id, "# Ours\nTitles are none.")
    word_lists.keep(db, made.id, "Gods", [("Zeus", "GOD"), ("Ada", "PER")])
    about = {"split": "dev", "gold": "PER", "predicted": "GOD"}
    said = {"lesson": "Titles confuse it.", "lesson_by": "cem", "opened_by": "cem"}
    with db.write() as session:
        row = NotebookEntryRow(project_id=made.id, state="done", about=about, done=[], **said)
        row.goal, row.opened_at = "Mend titles", now()
        session.add(row)
    return projects.get_project(db, made.id)


def found(db, project, words: str = "") -> list[tuple[str, str]]:
    return [(each.kind, each.title) for each in elsewhere.find(db, project.id, words)]


def test_all_that_others_know_is_found_by_words_of_it_and_by_labels(db, project, other):
    everything = [
        (Kind.LESSON, "PER / GOD · Mend titles"),
        (Kind.GUIDELINE, "Guideline, version 1"),
        (Kind.LABELS, "Labels"),
        (Kind.WORDS, "Gods"),
    ]
    assert found(db, project) == everything
    assert found(db, project, "TITLES") == everything[:2]
    assert found(db, project, "god per") == [*everything[:1], *everything[2:]]
    assert found(db, project, "news") == everything, "by the project's name"
    assert found(db, project, "met bob name") == everything[1:2], "by an example"
    assert found(db, project, "nowhere") == []
    assert [kind for kind, _ in found(db, other)] == [Kind.LABELS], "never its own"


def test_projects_with_the_same_labels_are_like_it(db, project, other):
    (like,) = elsewhere.like(db, project.id)
    assert (like.name, like.shared, like.labels) == ("Old `news`", 1, 2)
    assert elsewhere.like(db, project.id, ["X", "Y", "PER"]) == []
    classes = projects.create_project(db, "Kinds", Task.CLASSES)
    assert elsewhere.like(db, classes.id, ["PER"]) == []


def test_a_guideline_is_copied_behind_what_is_there_and_says_where_it_is_from(db, project, other):
    projects.set_guideline(db, project.id, "Mine")
    taken = taking_over.take_guideline(db, project.id, other.id)
    assert (taken.labels, taken.examples) == (1, 1)
    now_here = guidelines.in_force(db, project.id)
    assert now_here.text == (
        "Mine\n\nTaken over from the project `Old ˋnewsˋ`:\n\n# Ours\nTitles are none."
    )
    per, org = now_here.labels
    assert (per.description, org.description) == ("People", "")
    assert [each.reason for each in per.examples] == ["A name (from Old `news`)"]
    again = taking_over.take_guideline(db, project.id, other.id)
    assert (again.labels, again.examples) == (0, 0)
    assert guidelines.in_force(db, project.id) == now_here


def test_what_says_something_here_keeps_its_words(db, project, other):
    projects.update_label(db, replace(project.labels[0], description="Persons"))
    taking_over.take_guideline(db, project.id, other.id)
    assert projects.list_labels(db, project.id)[0].description == "Persons"


def test_a_lesson_becomes_a_round_of_the_notebook(db, project, other):
    (lesson, *_) = elsewhere.find(db, project.id)
    taking_over.take_lesson(db, project.id, lesson.id)
    (entry,) = notebook.entries(db, project.id)
    assert (entry.goal, entry.lesson) == ("Taken over from Old `news`", "Titles confuse it.")
    assert (entry.lesson_by, entry.run, entry.brought) == ("cem", None, None)
    with pytest.raises(NotFoundError, match="lesson is not there"):
        taking_over.take_lesson(db, project.id, 99)


def test_a_project_begins_with_another_ones_labels_guideline_lists_and_model(db, other):
    new = projects.create_project(db, "New").id
    kept = runs.create_run(db, other.id, {}).id
    third = projects.create_project(db, "Third")
    later = runs.create_run(db, third.id, {}).id
    for run in (kept, later):
        runs.set_state(db, run, RunState.DONE)
    assert [run for run, _, _ in work.trained(db, new)] == [later, kept]
    taken = taking_over.start_from(db, new, other.id)
    assert (taken.labels, taken.examples, taken.lists) == (2, 1, 1)
    per, god = projects.list_labels(db, new)
    assert (per.name, per.color, per.description, god.name) == ("PER", "#123456", "People", "GOD")
    (kept_list,) = word_lists.of_project(db, new)
    assert kept_list.name == "Gods (from Old `news`)"
    assert word_lists.entries(db, kept_list.id) == [("Zeus", "GOD"), ("Ada", "PER")]
    assert [run for run, _, _ in work.trained(db, new)] == [kept, later]
    assert guidelines.in_force(db, new).number == 1
    projects.delete_project(db, new)
    kinds = projects.create_project(db, "Kinds", Task.CLASSES).id
    with pytest.raises(InputError, match="labels something else"):
        taking_over.start_from(db, kinds, other.id)


def test_a_start_that_is_killed_between_two_steps_is_made_whole_by_a_second_one(
    db, other, monkeypatch
):
    def told(project: int) -> list:
        lists = word_lists.of_project(db, project)
        shown = examples.of_project(db, project).values()
        return [
            [
                (each.name, each.color, each.description)
                for each in projects.list_labels(db, project)
            ],
            projects.get_project(db, project).guideline,
            [(each.text, each.reason) for of in shown for each in of],
            [(each.name, word_lists.entries(db, each.id)) for each in lists],
            settings.get(db, projects.started_key(project)),
        ]

    whole = projects.create_project(db, "Whole").id
    taking_over.start_from(db, whole, other.id)
    write, is_whole, steps = db.write, False, 0
    while not is_whole:
        new = projects.create_project(db, f"New {steps}").id
        steps += 1
        left = iter(range(steps))

        def stop(left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return write()

        monkeypatch.setattr(db, "write", stop)
        try:
            taking_over.start_from(db, new, other.id)
            is_whole = True
        except KeyboardInterrupt:
            monkeypatch.setattr(db, "write", write)
            taking_over.start_from(db, new, other.id)
        assert told(new) == told(whole)
    assert steps > 4


def test_suspects_of_elsewhere_are_known_where_the_same_text_came_in(db, project, other):
    (doubted,) = stored(db, other, sentence(TEXT))
    ids = stored(db, project, sentence(TEXT), sentence("Ada met Bob!"))
    assert taking_over.suspects(db, project.id, other.id) == []
    run = runs.create_run(db, other.id, {}).id
    with db.write() as session:
        place = {"run_id": run, "document_id": doubted}
        session.add(SuspectRow(**place, given_label="PER", score=0.5, reason="odd"))
    assert taking_over.suspects(db, project.id, other.id) == ids[:1]


def test_only_whoever_writes_guidelines_takes_one_over(db, project, other):
    with acting_as(Person("bob", Role.ANNOTATOR)):
        assert found(db, project), "everybody reads"
        with pytest.raises(ForbiddenError):
            taking_over.take_guideline(db, project.id, other.id)
    with acting_as(Person("rhea", Role.REVIEWER)):
        taking_over.take_guideline(db, project.id, other.id)
        with pytest.raises(ForbiddenError):
            taking_over.start_from(db, project.id, other.id)
