"""Threads: what they are about, who says what, who sees it, what waits for whom."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import update

from storage.archives import restoring, writing
from storage.collaboration import about, thread_lists, threads
from storage.collaboration.thread_lists import State, Waiting
from storage.corpus import projects
from storage.engines.schema import MentionRow, ProjectRow
from storage.errors import ForbiddenError, InputError, NotFoundError, RefusedError
from storage.permissions import Role
from storage.runs import runs
from tests.storage.collaboration.conftest import acting, people
from tests.storage.conftest import sentence, stored


def test_alone_a_thread_is_a_note_to_oneself(db, project):
    document = stored(db, project, sentence())[0]
    made = threads.ask(db, project.id, about.on_document(document), "  Look again.  ")
    assert [each.text for each in made.comments] == ["Look again."]
    assert made.is_open and not made.is_unread and made.comments[0].is_mine
    assert thread_lists.waiting(db, project.id) == Waiting(0, 1)
    assert threads.remove(db, made.comments[0].id) is None
    assert not thread_lists.exist(db, project.id)


def test_a_mention_waits_until_it_is_seen_and_a_thread_until_it_is_resolved(db, project):
    document, place = people(db, project), about.on_span
    with acting("ada"):
        made = threads.ask(db, project.id, place(document, 8, 11), "@bob BERG, is he PER? @ada")
        assert thread_lists.waiting(db, project.id) == Waiting(0, 1)
    with acting("Bob Berg"):
        assert thread_lists.waiting(db, project.id) == Waiting(1, 1)
        assert [each.id for each in thread_lists.unseen(db, project.id, 3)] == [made.id]
        assert threads.get(db, made.id).is_unread
        threads.see(db, made.id)
        assert thread_lists.waiting(db, project.id) == Waiting(0, 1)
        threads.reply(db, made.id, "Yes, @ada.")
        done = threads.resolve(db, made.id)
        assert (done.resolved_by, done.is_open) == ("Bob Berg", False)
    with acting("ada"):
        assert thread_lists.waiting(db, project.id) == Waiting(1, 0)
        assert threads.reopen(db, made.id).is_open
    with acting("cleo"):
        assert thread_lists.waiting(db, project.id) == Waiting(0, 1)


def test_one_changes_ones_own_words_and_an_admin_anybodys(db, project):
    document = people(db, project)
    with acting("ada"):
        made = threads.ask(db, project.id, about.on_document(document), "@Bob Berg?")
    comment = made.comments[0].id
    with acting("Bob Berg", Role.REVIEWER):
        threads.see(db, made.id)
        assert not threads.get(db, made.id).comments[0].is_mine
        for forbidden in (lambda: threads.change(db, comment, "x"), threads_remove(db, comment)):
            with pytest.raises(ForbiddenError, match="what ada said"):
                forbidden()
    with acting("ada"):
        changed = threads.change(db, comment, "@bob berg and @cleo?").comments[0]
        assert (changed.text, changed.edited_at is None) == ("@bob berg and @cleo?", False)
    with acting("Bob Berg"):
        # Seen before: another spelling does not make it new.
        assert thread_lists.waiting(db, project.id).mentions == 0
    with acting("cleo"):
        assert thread_lists.waiting(db, project.id).mentions == 1
    with acting("root", Role.ADMIN):
        assert threads.change(db, comment, "Settled.").comments[0].author == "ada"
    with acting("cleo"):
        assert thread_lists.waiting(db, project.id).mentions == 0


def threads_remove(db, comment: int):
    return lambda: threads.remove(db, comment)


def test_two_who_delete_the_last_comments_at_once_leave_no_thread_without_any(
    db, project, monkeypatch
):
    """On a server each still saw the other's comment, and the list of talk broke."""
    made = threads.ask(db, project.id, about.on_document(people(db, project)), "Well?")
    said = [each.id for each in threads.reply(db, made.id, "Nothing.").comments]
    both, whole = Barrier(2), threads._whole

    def slowly(*args):
        with suppress(BrokenBarrierError):
            both.wait(0.3)
        return whole(*args)

    monkeypatch.setattr(threads, "_whole", slowly)
    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(lambda id: threads.remove(db, id), said))
    assert None in left and not thread_lists.exist(db, project.id)


def test_in_a_blind_project_a_document_s_talk_is_for_those_who_compare_and_the_named(db, project):
    document = people(db, project)
    with db.write() as session:
        session.execute(update(ProjectRow).values(start="bare"))
    run = runs.create_run(db, project.id, {}).id
    with acting("ada"):
        made = threads.ask(db, project.id, about.on_span(document, 0, 3), "PER, @cleo?")
        label = threads.ask(db, project.id, about.on_label(project.labels[0].id), "Pets, too?")
        cell = about.on_cell(run, "dev", "PER", "ORG")
        told = threads.ask(db, project.id, cell, "“Acme” is PER here, @cleo")
    seen = [made.id, label.id, told.id]
    for name, role, expected in (
        ("ada", Role.ANNOTATOR, seen),
        ("cleo", Role.ANNOTATOR, seen),
        ("Bob Berg", Role.ANNOTATOR, [label.id]),
        ("Bob Berg", Role.REVIEWER, seen),
    ):
        with acting(name, role):
            assert sorted(each.id for each in thread_lists.listed(db, project.id)) == expected
            assert thread_lists.waiting(db, project.id).open == len(expected)
    with acting("Bob Berg"):
        for refused in (threads.get, threads.resolve, threads.reopen):
            with pytest.raises(NotFoundError):
                refused(db, made.id)
        with pytest.raises(NotFoundError):
            threads.reply(db, made.id, "I see it.")
        assert thread_lists.on(db, project.id, about.on_document(document)) == []


def test_what_is_said_of_parts_is_found_with_the_whole(db, project):
    document, run = stored(db, project, sentence())[0], runs.create_run(db, project.id, {}).id
    label = project.labels[0].id
    cell = about.on_cell(run, "dev", "PER", "ORG")
    places = [
        about.on_document(document),
        about.on_span(document, 0, 3, label),
        about.on_label(label),
        about.on_run(run),
        cell,
        about.on_cell(run, "dev", "PER", "(missed)"),
    ]
    made = [threads.ask(db, project.id, place, f"No. {n}?") for n, place in enumerate(places)]
    assert [each.about for each in made] == places
    assert [each.quote for each in made][1:5] == ["Ada", "PER", "Run 1", "Run 1, PER → ORG"]

    def on(place) -> list[int]:
        return [made.index(each) for each in thread_lists.on(db, project.id, place)]

    assert on(places[0]) == [0, 1]
    assert on(about.on_span(document, 2, 7)) == [1]
    assert on(about.on_span(document, 4, 7)) == []
    assert on(places[2]) == [2]
    assert on(places[3]) == [3, 4, 5]
    assert on(cell) == [4]
    assert thread_lists.by_label(db, project.id) == {"PER": [made[2]]}
    threads.resolve(db, made[0].id)
    assert [each.about for each in thread_lists.on(db, project.id, places[0])] == places[1::-1]


def test_the_list_is_filtered_by_state_by_whose_it_is_and_by_words(db, project):
    document = people(db, project)
    with acting("ada"):
        first = threads.ask(db, project.id, about.on_span(document, 8, 11), "Ein STRASSENNAME?").id
        second = threads.ask(db, project.id, about.on_document(document), "Two, @cleo").id
    with acting("cleo"):
        threads.resolve(db, first)

        def listed(*args, **more) -> list[int]:
            return [each.id for each in thread_lists.listed(db, project.id, *args, **more)]

        assert listed() == listed(mine=True) == [second]
        assert listed(State.RESOLVED) == [first]
        assert listed(State.RESOLVED, mine=True) == []
        assert listed(State.ALL, words="straßenname BOB") == [first]
        threads.reply(db, first, "Once more.")
        assert listed(State.ALL) == [first, second]


def test_a_page_of_the_list_reads_its_threads_only(db, project, monkeypatch):
    document, read, asked = people(db, project), threads.read, []

    def counted(session, rows, me):
        asked.append(rows := list(rows))
        return read(session, rows, me)

    monkeypatch.setattr(threads, "read", counted)
    with acting("ada"):
        made = [threads.ask(db, project.id, about.on_document(document), f"{n}?") for n in range(5)]
        threads.reply(db, made[1].id, "Said last.")
        whole = [each.id for each in thread_lists.listed(db, project.id)]
        assert whole == [made[place].id for place in (1, 4, 3, 2, 0)]
        for mine, words in ((False, ""), (True, ""), (False, "?")):
            for page, expected in ((1, whole[:2]), (3, whole[4:]), (4, whole[:2])):
                asked.clear()
                said = {"mine": mine, "words": words, "page": page, "size": 2}
                found = thread_lists.part(db, project.id, **said)
                assert ([each.id for each in found.threads], found.total) == (expected, 5)
                assert words or [len(rows) for rows in asked] == [len(expected)]
        assert thread_lists.part(db, project.id, State.RESOLVED, page=1, size=2).threads == []


@pytest.mark.parametrize(
    ("place", "error"),
    [
        (about.on_document(2**40), NotFoundError),
        (about.on_label(99), NotFoundError),
        (about.on_run(99), NotFoundError),
        (about.on_span(1, 5, 99), RefusedError),
        (about.on_span(1, 5, 5), RefusedError),
        (about.on_span(1, 0, 3, 99), NotFoundError),
    ],
)
def test_what_is_not_there_is_not_talked_about(db, project, place, error):
    stored(db, project, sentence())
    with pytest.raises(error, match="reload the page"):
        threads.ask(db, project.id, place, "Well?")


def test_another_projects_document_is_not_there(db, project):
    document = stored(db, project, sentence())[0]
    other = projects.create_project(db, "Other").id
    with pytest.raises(NotFoundError):
        threads.ask(db, other, about.on_document(document), "Well?")
    with pytest.raises(NotFoundError):
        threads.get(db, 2**70)


@pytest.mark.parametrize("text", ["", " \n", "\0", "\ud800", "x" * 10_001])
def test_a_comment_has_a_text_that_can_be_kept(db, project, text):
    document = stored(db, project, sentence())[0]
    with pytest.raises(InputError):
        threads.ask(db, project.id, about.on_document(document), text)


def test_the_quote_finds_its_words_again():
    assert about.locate("Ada met Bob.", 8, 11, "Bob") == (8, 11)
    assert about.locate("So Ada met Bob, Bob!", 8, 11, "Bob") == (11, 14)
    assert about.locate("Bob and Ada met Bob.", 8, 11, "Bob") == (0, 3)
    assert about.locate("Ada.", 8, 11, "Bob") is None


def test_a_project_takes_its_talk_along(db, project, tmp_path):
    document = people(db, project)
    run = runs.create_run(db, project.id, {}).id
    with acting("ada"):
        threads.ask(db, project.id, about.on_span(document, 0, 3), "@cleo, @Bob Berg?")
        threads.ask(db, project.id, about.on_cell(run, "dev", "PER", "ORG"), "Why?")
    with acting("Bob Berg"):
        threads.see(db, 1)
    # Into the same database once more: every number is another one.
    archive = tmp_path / "news.whetstone"
    writing.write(db, project.id, archive)
    copy = restoring.restore(db, archive, "Copy")
    with acting("ada"):
        cell, span = thread_lists.listed(db, copy.id)
        assert [each.text for each in span.comments] == ["@cleo, @Bob Berg?"]
        assert span.about.document != document and cell.about.run != run
        assert (span.quote, cell.about.gold, cell.about.predicted) == ("Ada", "PER", "ORG")
    for name, waits in (("cleo", 1), ("Bob Berg", 0)):
        with acting(name):
            assert thread_lists.waiting(db, copy.id).mentions == waits


def test_a_deleted_project_leaves_no_mention(db, project):
    document = people(db, project)
    with acting("ada"):
        threads.ask(db, project.id, about.on_document(document), "@cleo?")
    projects.delete_project(db, project.id)
    with db.read() as session:
        assert session.query(MentionRow).all() == []
