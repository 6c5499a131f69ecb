"""Queues that are given to people: made of named documents or of a search, closed, opened."""

import pytest

from storage.collaboration import queues
from storage.collaboration.queues import create_queue
from storage.collaboration.rules.starts import Start
from storage.corpus import projects
from storage.errors import ForbiddenError, InputError, NotFoundError
from storage.finding.search import Search
from storage.permissions import Person, Role, acting_as
from storage.types import Span
from tests.storage.conftest import sentence, stored


def test_a_queue_of_named_documents_has_those_of_the_project_in_import_order(db, project):
    ids = stored(db, project, *(sentence(f"Ada {n}.") for n in range(3)))
    other = projects.create_project(db, "Other")
    foreign = stored(db, other, sentence())
    given = [ids[2], ids[0], ids[2], *foreign, 10**6]
    queue = create_queue(db, project.id, " Again ", reason="PER is narrower", documents=given)
    assert (queue.name, queue.reason, queue.search) == ("Again", "PER is narrower", None)
    assert (queue.people, queue.start, queue.is_closed) == (None, None, False)
    assert queues.documents_of(db, queue) == [ids[0], ids[2]]
    assert queues.list_queues(db, project.id) == [queue]
    assert queues.list_queues(db, other.id) == []


def test_a_queue_of_a_search_has_what_it_finds_at_the_time(db, project):
    ids = stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")), sentence("Eve."))
    made = create_queue(db, project.id, "PER", search=Search(label="PER"), people=2, start="bare")
    assert (made.people, made.start) == (2, Start.BARE)
    assert list(queues.documents_of(db, made)) == [ids[0]]
    more = stored(db, project, sentence("Ada!", Span(0, 3, "PER")))
    assert list(queues.documents_of(db, made)) == [ids[0], more[-1]]


def test_a_queue_is_closed_and_opened(db, project):
    made = create_queue(db, project.id, "All", search=Search())
    assert queues.set_closed(db, made.id, True).is_closed
    assert queues.list_queues(db, project.id)[0].is_closed
    assert not queues.set_closed(db, made.id, False).is_closed
    with pytest.raises(NotFoundError):
        queues.set_closed(db, made.id + 1, True)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("", {"search": Search()}, "has no name"),
        ("All", {"search": Search()}, "already"),
        ("None", {"documents": [10**6]}, "no documents"),
        ("Many", {"search": Search(), "people": 0}, "1 to 100"),
        ("Odd", {"search": Search(), "start": "<b>"}, "People start from"),
    ],
)
def test_a_queue_that_makes_no_sense_is_refused(db, project, name, given, message):
    create_queue(db, project.id, "All", search=Search())
    with pytest.raises(InputError, match=message):
        create_queue(db, project.id, name, **given)
    assert [queue.name for queue in queues.list_queues(db, project.id)] == ["All"]


def test_reviewers_and_admins_make_queues(db, project):
    with acting_as(Person("ann", Role.ANNOTATOR)), pytest.raises(ForbiddenError):
        create_queue(db, project.id, "All", search=Search())
    with acting_as(Person("rev", Role.REVIEWER)):
        assert create_queue(db, project.id, "All", search=Search()).created_by == "rev"
