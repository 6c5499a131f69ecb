"""However labels change, the coach and who weighs suspects anew hear of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

import pytest

from engine.coach.registry import Coaches
from engine.encoding.tokens import tokenize
from pages.coaching.watching import Watch
from storage.actions import actions, relabelling
from storage.coaching import choices, coach_run
from storage.coaching.choices import Choices
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.types import Document, Project

SECONDS = 30.0
SPAN = {"start": 0, "end": 3, "label": "PER", "quote": "Ada"}


@pytest.fixture
def project(db: Database) -> Project:
    """A project for which a coach has suggested something before."""
    id = projects.create_project(db, "news").id
    projects.add_labels(db, id, ["PER", "LOC"])
    texts = ("Ada met Bob.", "Ada left.")
    documents.add_documents(db, id, [Document(text, tokenize(text)) for text in texts], "ada")
    coach_run.ensure(db, id)
    return projects.get_project(db, id)


def label(db: Database, project: Project) -> actions.Action:
    """Label the first words of all documents at once."""
    wanted = {
        id: [{"kind": "add", "span": {"id": uuid4().hex, **SPAN}}]
        for id in documents.list_ids(db, project.id)
    }
    return actions.apply(db, project.id, "ada", "accept", "All", wanted)


def label_more(db: Database, project: Project) -> None:
    place = {"start": 4, "end": 7, "label": "LOC", "quote": "met"}
    wanted = {
        documents.list_ids(db, project.id)[0]: [{"kind": "add", "span": {"id": "m", **place}}]
    }
    actions.apply(db, project.id, "ada", "accept", "One", wanted)


def rename(db: Database, project: Project) -> None:
    relabelling.rename_label(db, project.labels[0].id or 0, "person", "ada")


def merge(db: Database, project: Project) -> None:
    first, second = (each.id or 0 for each in project.labels)
    relabelling.merge_labels(db, first, second, "ada")


def delete(db: Database, project: Project) -> None:
    relabelling.delete_label(db, project.labels[1].id or 0, "ada")


def take_back(db: Database, project: Project) -> None:
    actions.reverse(db, actions.list_actions(db, project.id)[0].id, "ada")


Act = Callable[[Database, Project], object]


@pytest.mark.parametrize("act", [label_more, rename, merge, delete, take_back])
def test_whatever_changes_labels_begins_a_coach_that_has_suggested_before(
    db: Database, project: Project, served: Coaches, act: Act
) -> None:
    label(db, project)
    watch = Watch()
    watch.look()
    watch.look()
    assert served._known == {}
    act(db, project)
    watch.look()
    assert list(served._known) == [project.id]
    del served._known[project.id]
    watch.look()
    assert served._known == {}, "it was one change"


def test_in_the_server_it_is_seen_by_itself(
    db: Database, project: Project, served: Coaches
) -> None:
    watch = Watch()
    watch.start()
    try:
        until = time.monotonic() + SECONDS
        while watch._known is None:
            time.sleep(0.02)
        label(db, project)
        while not served._known:
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        watch.stop()


def test_one_that_is_switched_off_stays_so(db: Database, project: Project, served: Coaches) -> None:
    choices.put(db, project.id, Choices(on=False))
    watch = Watch()
    watch.look()
    label(db, project)
    watch.look()
    assert served._known == {}
