"""Documents are given to so many people and no more, however many ask at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.accounts import accounts
from storage.archives import restoring, writing
from storage.collaboration import assignments, queues
from storage.collaboration.rules.starts import Start
from storage.corpus import documents
from storage.database.connection import Database
from storage.errors import ForbiddenError, InputError
from storage.finding.search import Search
from storage.journal import annotations
from storage.permissions import Person, Role, acting_as
from storage.types import Span
from tests.storage.conftest import sentence, stored

ADA = Span(0, 3, "PER")


def finish(db, project, document: int, who: str) -> None:
    opened = annotations.open_annotation(db, document, who)
    edit = {"seq": 1, "base_revision": opened.revision, "kind": "status", "status": "done"}
    client = f"{who}-{document}-{opened.revision}"
    outcome = annotations.apply_operations(db, project.id, document, who, client, [edit])
    assert outcome.results[0]["status"] == "saved", outcome.results


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(db, project, *(sentence(f"Ada {n}.") for n in range(6)))


@pytest.mark.parametrize("people", [1, 2])
def test_two_who_ask_at_once_get_the_same_document_only_where_it_goes_to_two(
    db, project, people, request
):
    ids = stored(db, project, *(sentence(f"Ada {n}.") for n in range(40)))
    assignments.set_dealing(db, project.id, people, Start.BARE)
    url = db._writer.url.render_as_string(hide_password=False)
    handles = [Database.open(url) for _ in range(4)]

    def ask(number: int) -> list[int]:
        who = f"p{number}"
        return assignments.take(handles[number % 4], project.id, who, 3) + assignments.take(
            handles[(number + 1) % 4], project.id, who, 12
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    found = assignments.given(db, project.id)
    counts = Counter(each.document for each in found)
    assert set(counts) == set(ids) and set(counts.values()) == {people}
    assert len({(each.document, each.annotator) for each in found}) == len(found)
    for handle in handles:
        handle.close()


def test_a_person_goes_on_with_the_next_ones_and_keeps_what_is_theirs(db, project, ids):
    assert assignments.take(db, project.id, "ann", 2) == ids[:2]
    assert assignments.take(db, project.id, "ben", 2) == ids[2:4]
    assert assignments.take(db, project.id, "ann", 2) == ids[:2], "asking again gives no more"
    finish(db, project, ids[0], "ann")
    assert assignments.take(db, project.id, "ann", 2) == [ids[1], ids[4]]
    told = assignments.given(db, project.id, "ann")
    assert [each.is_over for each in told] == [True, False, False]


def test_what_somebody_has_labelled_counts_without_having_been_given(db, project, ids):
    finish(db, project, ids[0], "eve")
    assert assignments.take(db, project.id, "ann", 1) == [ids[1]]
    assignments.set_dealing(db, project.id, 2, Start.OPEN)
    assert assignments.take(db, project.id, "ann", 2) == ids[:2]
    assert assignments.take(db, project.id, "ben", 2) == ids[1:3]


def test_who_leaves_gives_back_what_they_have_not_touched(db, project, ids):
    assignments.take(db, project.id, "ann", 3)
    finish(db, project, ids[0], "ann")
    with acting_as(Person("ben", Role.ANNOTATOR)):
        with pytest.raises(ForbiddenError):
            assignments.take(db, project.id, "ann")
        with pytest.raises(ForbiddenError):
            assignments.give_back(db, project.id, "ann")
    with acting_as(Person("rev", Role.REVIEWER)):
        assert assignments.give_back(db, project.id, "ann") == 2
    assert assignments.take(db, project.id, "ben", 2) == ids[1:3]
    assert [each.document for each in assignments.given(db, project.id, "ann")] == [ids[0]]


def test_a_queue_comes_first_and_asks_again_about_what_was_finished(db, project, ids):
    finish(db, project, ids[4], "ann")
    queue = queues.create_queue(db, project.id, "Again", documents=[ids[4], ids[5]])
    assert assignments.take(db, project.id, "ann", 3) == [ids[4], ids[5], ids[0]]
    finish(db, project, ids[4], "ann")
    assert assignments.take(db, project.id, "ann", 2) == [ids[5], ids[0]]
    assert ids[5] not in assignments.take(db, project.id, "ben", 9)
    queues.set_closed(db, queue.id, True)
    assignments.give_back(db, project.id, "ann")
    assert ids[5] in assignments.take(db, project.id, "cem", 9), "the project has it still"


def test_a_blind_queue_goes_to_those_who_have_not_labelled_it(db, project, ids):
    finish(db, project, ids[0], "ann")
    queues.create_queue(db, project.id, "Twice", search=Search(status="done"), start="bare")
    assert ids[0] not in assignments.take(db, project.id, "ann", 2)
    queue = queues.create_queue(db, project.id, "Named", documents=[ids[0]], start="bare")
    assert assignments.take(db, project.id, "ben", 1) == [ids[0]]
    assert queue.start is Start.BARE


def test_where_people_start_blind_they_are_shown_nothing_of_others(db, project):
    (id,) = stored(db, project, sentence("Ada met Bob.", ADA), annotator="ann")
    finish(db, project, id, "ann")
    annotator, reviewer = Person("ben", Role.ANNOTATOR), Person("rev", Role.REVIEWER)

    def seen(person: Person) -> tuple[Span, ...]:
        with acting_as(person):
            assert annotations.open_annotation(db, id, "ann").spans == (ADA,)
            many = annotations.open_annotations(db, project.id, [id], person.name)[0]
            one = annotations.open_annotation(db, id, person.name)
            assert (one.spans, one.revision) == (many.spans, many.revision)
            return one.spans

    assert seen(annotator) == seen(reviewer) == (ADA,)
    assignments.set_dealing(db, project.id, 2, Start.SUGGESTIONS)
    assert (seen(annotator), seen(reviewer)) == ((), (ADA,))
    assignments.take(db, project.id, "rev")
    assert seen(reviewer) == (), "who takes a document is as blind as anybody"
    queues.create_queue(db, project.id, "Open", documents=[id], start="open")
    assignments.take(db, project.id, "ben")
    assert seen(annotator) == (ADA,)
    with acting_as(annotator):
        finish(db, project, id, "ben")
    assert seen(annotator) == (ADA,)


def test_what_a_blind_queue_may_hold_shows_nobodys_labels_before_it_is_given(db, project):
    (id,) = stored(db, project, sentence("Ada met Bob.", ADA), annotator="ann")

    def seen(role: Role) -> tuple[Span, ...]:
        with acting_as(Person("ben", role)):
            return annotations.open_annotation(db, id, "ben").spans

    queue = queues.create_queue(db, project.id, "Twice", documents=[id], people=2, start="bare")
    assert (seen(Role.ANNOTATOR), seen(Role.REVIEWER)) == ((), (ADA,))
    queues.set_closed(db, queue.id, True)
    assert seen(Role.ANNOTATOR) == (ADA,)


def test_how_documents_are_given_is_for_admins_to_say(db, project):
    for people, start in ((0, "open"), (1, "closed")):
        with pytest.raises(InputError):
            assignments.set_dealing(db, project.id, people, start)
    with acting_as(Person("rev", Role.REVIEWER)), pytest.raises(ForbiddenError):
        assignments.set_dealing(db, project.id, 2, "bare")
    assert assignments.dealing(db, project.id) == assignments.Dealing(1, Start.OPEN)


def test_with_the_account_goes_what_was_given_and_not_touched(db, project, ids):
    for name, role in (("root", Role.ADMIN), ("ann", Role.ANNOTATOR)):
        accounts.add(db, name, role)
    assignments.take(db, project.id, "ann", 2)
    finish(db, project, ids[0], "ann")
    accounts.remove(db, "Ann")
    assert [each.document for each in assignments.given(db, project.id)] == [ids[0]]


def test_an_archive_takes_along_what_is_whose(db, project, ids, tmp_path):
    made = queues.create_queue(db, project.id, "Again", documents=ids[2:4])
    assignments.take(db, project.id, "ann", 3)
    assignments.set_dealing(db, project.id, 2, Start.BARE)
    writing.write(db, project.id, tmp_path / "x.zip")
    restored = restoring.restore(db, tmp_path / "x.zip").id
    assert assignments.dealing(db, restored) == assignments.Dealing(2, Start.BARE)
    found = documents.list_ids(db, restored)
    copied = assignments.given(db, restored)
    assert [each.document for each in copied] == [found[2], found[3], found[0]]
    (again,) = queues.list_queues(db, restored)
    assert [each.queue for each in copied] == [again.id, again.id, None] and again.id != made.id
