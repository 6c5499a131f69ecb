"""A PostgreSQL server that is killed while people save and a run trains, and started again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from engine.configuration.settings import Settings
from engine.launchers import processes
from engine.runner import JobRunner, enqueue
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import StorageError
from storage.journal import annotations
from storage.runs import reports, runs
from storage.types import Run, RunState, Split
from tests.engine import folders, tiny
from tests.storage.server import Server, installed, needs_postgres

pytestmark = needs_postgres
SENTENCE = "cannot be reached"
EDITORS = 4


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with installed() as made:
        made.start()
        yield made


@pytest.fixture
def url(server: Server, request: pytest.FixtureRequest) -> str:
    """The URL of a database of the test's own."""
    name = f"killed_{request.node.callspec.id}"
    with closing(psycopg.connect(server.url, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.database(name)


@pytest.fixture
def db(new_home: Path, url: str) -> Iterator[Database]:
    with closing(Database.open(url)) as database:
        yield database


@dataclass
class Editor:
    """Somebody who marks a document and takes the mark back, and sends again what was refused."""

    db: Database
    project: int
    document: int
    name: str
    saved: int = 0
    refused: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        where = (self.db, self.document, self.name)
        base = self._insist(lambda: annotations.open_annotation(*where)).revision
        while not self.ended.is_set():
            sent = self._edit(self.saved + 1, base)
            outcome = self._insist(lambda sent=sent: self._send(sent))
            assert outcome.results[0]["status"] == "saved", outcome.results
            base, self.saved = outcome.revision, self.saved + 1

    def _edit(self, seq: int, base: int) -> dict:
        status = "done" if seq % 2 else "untouched"
        return {"seq": seq, "base_revision": base, "kind": "status", "status": status}

    def _send(self, edit: dict):
        where = (self.db, self.project, self.document, self.name, self.name)
        return annotations.apply_operations(*where, [edit])

    def _insist(self, ask: Callable):
        """Ask until there is an answer, as the browser's outbox does."""
        while True:
            try:
                return ask()
            except StorageError as error:
                self.refused.append(str(error))
                time.sleep(0.05)


@dataclass
class Scene:
    """Runners and people at work on one server."""

    db: Database
    server: Server
    run: Run
    runners: list[JobRunner]
    editors: list[Editor]

    def leading(self) -> int:
        return sum(runner.leading for runner in self.runners)

    def wait_for_saves(self, more: int = 3) -> None:
        """Wait until everybody has saved some more since now."""
        begun = [editor.saved for editor in self.editors]
        folders.wait_for(
            lambda: all(e.saved >= b + more for e, b in zip(self.editors, begun, strict=True))
        )

    def holds(self, editor: Editor) -> bool:
        """Tell whether the journal has each of somebody's edits once, in their order."""
        query = text("SELECT seq FROM journal WHERE client = :name ORDER BY id")
        with self.db.read() as session:
            found = list(session.scalars(query, {"name": editor.name}))
        return found == list(range(1, editor.saved + 1))

    def break_off(self, how: str) -> None:
        """Kill the server under all of it, let everybody notice, and start it again."""
        if how == "one connection":
            self.server.kill_backend()
            return
        told = [len(editor.refused) for editor in self.editors]
        {"kill -9": self.server.kill_9, "immediate": self.server.kill}[how]()
        folders.wait_for(
            lambda: all(len(e.refused) > t for e, t in zip(self.editors, told, strict=True))
        )
        self.server.start()


@pytest.fixture
def scene(db: Database, server: Server, url: str, base: str, forking: None) -> Iterator[Scene]:
    """Two runners of which one leads, a training at work, four people who save."""
    project = projects.create_project(db, "people and places").id
    texts = [*tiny.corpus(24), *tiny.corpus(8, 1, split=Split.DEV)]
    documents.add_documents(db, project, [*texts, *tiny.corpus(8, 2, split=Split.TEST)], "ada")
    ids = documents.list_ids(db, project)
    with ExitStack() as stack:
        handles = [stack.enter_context(closing(Database.open(url))) for _ in range(2)]
        runners = [JobRunner(handle, poll_seconds=0.05, gpus=()) for handle in handles]
        editors = [Editor(db, project, ids[n], f"editor{n}") for n in range(EDITORS)]
        threads = [threading.Thread(target=editor.work) for editor in editors]
        run = enqueue(db, project, base, Settings(epochs=400, threads=1, device="cpu"))
        for runner in runners:
            runner.start()
        for thread in threads:
            thread.start()
        made = Scene(db, server, run, runners, editors)
        try:
            folders.wait_for(lambda: runs.get_run(db, run.id).progress.get("step", 0) > 0)
            made.wait_for_saves()
            yield made
        finally:
            if not server.process:
                server.start()
            for editor in editors:
                editor.ended.set()
            for thread in threads:
                thread.join()
            for runner in runners:
                runner.stop()
            for left in runs.list_runs(db):
                if left.pid is not None:
                    processes.kill(processes.Identity(left.pid, left.pid_started, left.boot_id))


def finish(scene: Scene) -> Run:
    """Let the training end early with what it has, and return it."""
    runs.request_cancel(scene.db, scene.run.id, keep=True)
    folders.wait_for(lambda: runs.get_run(scene.db, scene.run.id).state.final)
    return runs.get_run(scene.db, scene.run.id)


@pytest.mark.parametrize(
    "breaks",
    [
        pytest.param(["kill -9"], id="once"),
        pytest.param(
            ["kill -9", "one connection", "immediate"] * 4, id="often", marks=pytest.mark.long
        ),
    ],
)
def test_nothing_is_lost_and_nothing_comes_twice_when_the_server_is_killed_under_load(
    scene: Scene, breaks: list[str], say: Callable[[str], None]
) -> None:
    for how in breaks:
        scene.break_off(how)
        scene.wait_for_saves()
        folders.wait_for(lambda: scene.leading() == 1)
    for editor in scene.editors:
        editor.ended.set()
    folders.wait_for(lambda: all(map(scene.holds, scene.editors)))
    told = [sentence for editor in scene.editors for sentence in editor.refused]
    assert told and all(SENTENCE in sentence for sentence in told), set(told)
    found = finish(scene)
    assert (found.state, found.attempt) == (RunState.DONE, 1), found.message
    assert reports.get_report(scene.db, found.id)
    saved = sum(editor.saved for editor in scene.editors)
    say(f"a killed server: {len(breaks)} times, {saved} edits kept, {len(told)} refused meanwhile")
