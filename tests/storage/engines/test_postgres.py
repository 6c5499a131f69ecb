"""On a real PostgreSQL server, which is killed and started again in the middle."""

import shutil
import threading
import time

import pytest
from sqlalchemy import create_engine, text

from engine.runner import JobRunner
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.engines import postgres, revisions
from storage.errors import StorageError
from storage.finding import facets
from storage.finding.sets.memberships import DetailedStatus, Facet
from storage.journal import annotations
from storage.runs import runs
from storage.types import RunKind, RunState
from tests.engine.folders import wait_for
from tests.storage.conftest import sentence, stored
from tests.storage.server import installed, needs_postgres

pytestmark = needs_postgres


@pytest.fixture(scope="module")
def stopped():
    with installed() as made:
        yield made


@pytest.fixture
def server(stopped):
    """The server, running, whatever the last test did to it."""
    if not stopped.process:
        stopped.start()
    return stopped


@pytest.fixture
def connect(home, server):
    """A function that opens the server's database as one more process would; it is empty."""
    with create_engine(server.url.replace(":", "+psycopg:", 1)).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    opened = []

    def make() -> Database:
        opened.append(Database.open(server.url))
        return opened[-1]

    yield make
    for database in opened:
        database.close()


def label(db: Database, project: int, document: int, annotator: str) -> None:
    """Mark a document as done, as one edit."""
    revision = annotations.open_annotation(db, document, annotator).revision
    edit = {"seq": document, "base_revision": revision, "kind": "status", "status": "done"}
    outcome = annotations.apply_operations(db, project, document, annotator, annotator, [edit])
    assert outcome.results[0]["status"] == "saved"


def test_a_lock_that_the_server_took_back_is_noticed(connect, server):
    first, second = connect().runner_lock(), connect().runner_lock()
    assert first.acquire() and not second.acquire()
    server.kill()
    with pytest.raises(StorageError, match="cannot be reached.*check that it runs"):
        first.acquire()
    server.start()
    assert second.acquire() and not first.acquire()
    second.release()
    assert first.acquire()
    first.release()


def test_who_leads_and_is_not_heard_of_does_not_lead(connect, monkeypatch):
    monkeypatch.setattr(postgres, "SILENT_SECONDS", 1.0)
    stopped, other = connect().runner_lock(), connect().runner_lock()
    assert stopped.acquire()
    until = time.monotonic() + 1.2
    while time.monotonic() < until:
        time.sleep(0.05)
        stopped.beat()
        assert not other.acquire()
    wait_for(other.acquire)
    stopped.beat()
    assert not stopped.acquire(), "it stands back before it does anything"
    other.release()
    assert stopped.acquire()
    stopped.release()


def test_what_a_stopped_leader_was_in_the_middle_of_is_undone(connect, monkeypatch):
    monkeypatch.setattr(postgres, "SILENT_SECONDS", 0.5)
    first, second = connect(), connect()
    project = projects.create_project(second, "News")
    stopped, other = first.runner_lock(), second.runner_lock()
    assert stopped.acquire()
    with pytest.raises(StorageError), first.write() as session:
        session.execute(text("UPDATE projects SET name = 'Old' WHERE id = :n"), {"n": project.id})
        wait_for(other.acquire)
        projects.rename_project(second, project.id, "Newer")
    assert [one.name for one in projects.list_projects(first)] == ["Newer"]
    other.release()


def test_what_would_be_found_again_waits_for_no_disk_and_nothing_after_it_does_so_either(connect):
    db = connect()
    waits = text("SHOW synchronous_commit")
    with db.write(durable=False) as session:
        assert session.scalar(waits) == "off"
    with db.write() as session:
        assert session.scalar(waits) == "on"


def test_of_two_runners_one_leads_also_after_the_server_was_restarted(connect, server):
    first, second = JobRunner(connect(), gpus=()), JobRunner(connect(), gpus=())
    assert first.step() and not second.step()
    server.kill()
    with pytest.raises(StorageError):
        first.step()
    server.start()
    assert second.step() and not first.step()
    assert (second.leading, first.leading) == (True, False)
    second.release()
    assert first.step()
    first.release()


def test_a_session_ended_by_the_server_costs_the_lead_only_where_another_took_it(connect, server):
    db = connect()
    runner = JobRunner(db, gpus=())
    assert runner.step()
    # Waits for their end: a session that was only told to end may still answer, or hold a lock.
    end = (
        "SELECT pg_terminate_backend(pid, 240000) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with create_engine(server.url.replace(":", "+psycopg:", 1)).connect() as connection:
        connection.execute(text(end))
    assert runner.step(), "nobody else has it: it is taken again"
    runner.release()


def test_work_goes_on_after_the_server_was_restarted(connect, server):
    db = connect()
    project = projects.create_project(db, "News")
    run = runs.create_run(db, project.id, {})
    server.kill()
    with pytest.raises(StorageError, match="cannot be reached"):
        runs.get_run(db, run.id)
    server.start()
    assert runs.get_run(db, run.id).state is RunState.QUEUED
    projects.create_project(db, "More news")


def test_what_commits_late_is_not_missed(connect):
    mine, theirs = connect(), connect()
    project = projects.create_project(mine, "News")
    slow, quick = stored(mine, project, sentence("One"), sentence("Two"))
    assert not facets.index(mine, project.id).having(Facet.STATUS, DetailedStatus.EMPTY)
    inside, go_on = threading.Event(), threading.Event()

    def hold_open():
        """Save an edit, and let the transaction wait before it commits."""
        commit = theirs._writer.dialect.do_commit

        def late(connection):
            inside.set()
            assert go_on.wait(240)
            commit(connection)

        theirs._writer.dialect.do_commit = late
        label(theirs, project.id, slow, "bob")

    holder = threading.Thread(target=hold_open)
    holder.start()
    assert inside.wait(240)
    other = threading.Thread(target=label, args=(mine, project.id, quick, "ada"))
    other.start()
    other.join(0.5)
    facets.index(mine, project.id)
    go_on.set()
    holder.join()
    other.join()
    found = facets.index(mine, project.id).having(Facet.STATUS, DetailedStatus.EMPTY)
    assert found == (1 << slow) | (1 << quick)


def test_documents_that_commit_late_are_not_missed(connect):
    mine, theirs = connect(), connect()
    project = projects.create_project(mine, "News")
    facets.index(mine, project.id)
    inside, go_on = threading.Event(), threading.Event()

    def slowly():
        yield sentence("One")
        inside.set()
        assert go_on.wait(240)

    # 500 documents and one more: the first ones have their ids while the rest is waited for.
    def given():
        for number in range(500):
            yield sentence(f"Number {number}")
        yield from slowly()

    holder = threading.Thread(
        target=documents.add_documents, args=(theirs, project.id, given(), "b")
    )
    holder.start()
    assert inside.wait(240)
    other = threading.Thread(target=stored, args=(mine, project, sentence("Two")))
    other.start()
    other.join(0.5)
    facets.index(mine, project.id)
    go_on.set()
    holder.join()
    other.join()
    assert facets.index(mine, project.id).every.bit_count() == 502


def test_what_runs_of_version_0_4_were_for_becomes_a_column_here_too(
    connect, server, tmp_path, monkeypatch
):
    before = tmp_path / "before"
    shutil.copytree(revisions.MIGRATIONS, before)
    for path in (before / "versions").glob("[0-9]*.py"):
        if path.name >= "0007":
            path.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(revisions, "MIGRATIONS", before)
        connect().close()
    with create_engine(server.url.replace(":", "+psycopg:", 1)).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO projects (id, name, task, allow_overlaps, created_at, guideline) "
                "VALUES (1, 'News', 'spans', false, '2026', '')"
            )
        )
        for id, settings in enumerate(('{"trials": 3}', '{"model_of": 1}', '{"epochs": 2}'), 1):
            connection.execute(
                text(
                    "INSERT INTO runs (id, project_id, state, attempt, settings, progress, "
                    "message, created_at, boot_id, cancel_requested, events_offset) VALUES "
                    "(:id, 1, 'done', 1, CAST(:settings AS JSON), '{}', '', '2026', '', false, 0)"
                ),
                {"id": id, "settings": settings},
            )
    found = runs.list_runs(connect())[::-1]
    assert [run.kind for run in found] == [RunKind.SEARCH, RunKind.SUGGESTIONS, RunKind.TRAINING]
    assert [run.model_of for run in found] == [None, 1, None]
    assert [run.settings for run in found] == [{"trials": 3}, {}, {"epochs": 2}]
