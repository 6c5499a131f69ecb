"""The coach's process: it follows what people do, survives being killed, and ends when told to."""

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from multiprocessing import Pipe

import pytest

from engine.coach import forkserver, registry, worker
from engine.coach.coach import Coach
from engine.coach.forkserver import ForkServer
from engine.coach.registry import Coaches
from engine.coach.state import STOP, Ahead, Phase
from engine.system import priority
from storage.corpus import documents
from storage.types import Status
from tests.engine.coach.counting import Counted
from tests.engine.coach.travels import finish, make, said, travel
from tests.workers.coaching import ForkedForkServer

PATIENCE = 60.0


class Kept(ForkedForkServer):
    """One that is not ended with the coaches of one test: it takes a second to load."""

    def end(self) -> None:
        if self._process and self._process.poll() is not None:
            super().end()


@pytest.fixture(scope="module")
def forks():
    kept = Kept()
    yield kept
    ForkedForkServer.end(kept)


@pytest.fixture
def coaches(forks, home):
    known = Coaches(forks)
    known.start()
    yield known
    known.stop()


def until(condition, seconds: float = PATIENCE):
    ends = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.02)
    return found


def newest(db, project) -> int:
    from storage.coaching import work

    return work.moment(db, project.id).entry


def has_learned(coaches, db, project) -> bool:
    return coaches.state(project.id).entry == newest(db, project)


def test_killed_at_any_moment_it_is_back_and_says_what_an_undisturbed_one_says(db, coaches):
    wanted = [travel(number) for number in range(16)]
    project = make(db, wanted)
    ids = list(documents.list_ids(db, project.id))
    coaches.look(project.id, ids[8:])
    back = []
    for number, id in enumerate(ids[:8]):
        finish(db, project, id, wanted[number])
        if number in (0, 3, 7):
            # In the midst of what it does for the document that was just finished, or of loading.
            until(lambda: coaches.process(project.id))
            time.sleep(0.03 * number)
            os.kill(coaches.process(project.id) or 0, signal.SIGKILL)
            killed = time.monotonic()
            until(lambda: coaches.state(project.id).phase is not Phase.WAITING)
            until(lambda: has_learned(coaches, db, project))
            back.append(time.monotonic() - killed)
    until(lambda: said(db, ids).keys() >= set(ids[8:]))
    found = said(db, ids[8:])
    coaches.stop()
    undisturbed = Coach(db, project.id)
    undisturbed.learning.file.unlink(missing_ok=True)
    undisturbed = Coach(db, project.id)
    undisturbed.update(ids[8:])
    assert found == said(db, ids[8:])
    print(f"back after {', '.join(f'{each:.1f}' for each in back)} s")


def test_it_ends_when_nobody_tags_and_a_second_server_does_without(db, forks):
    project = make(db, [travel(number) for number in range(3)])
    first, second = Coaches(forks), Coaches(forks)
    for each in (first, second):
        each.start()
    try:
        first.look(project.id)
        until(lambda: first.state(project.id).phase is Phase.WAITING)
        process = first.process(project.id) or 0
        # It steps back, but for what holds a turn at the database while people wait for theirs.
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, process) == mine + priority.LONG_WORK
        if sys.platform == "linux":
            threads = [int(name) for name in os.listdir(f"/proc/{process}/task")]
            assert mine in {os.getpriority(os.PRIO_PROCESS, each) for each in threads}
            assert os.getsid(process) != os.getsid(0), "it has a share of its own"
        second.look(project.id)
        until(lambda: second.state(project.id).phase is Phase.ELSEWHERE)
        until(lambda: second.process(project.id) is None)
        first._idle = 0.0
        until(lambda: first.state(project.id).phase is Phase.OFF)
        assert first.process(project.id) is None
    finally:
        for each in (first, second):
            each.stop()


def test_without_a_server_nothing_is_started(db):
    project = make(db, [travel(0)])
    idle = Coaches()
    idle.look(project.id, [1])
    assert idle.state(project.id).phase is Phase.OFF


def test_a_process_that_cannot_work_is_tried_again_more_and_more_seldom(monkeypatch):
    monkeypatch.setattr(registry, "AGAIN_SECONDS", 0.05)
    failing = Coaches(ForkServer(["false"]))
    failing.start()
    try:
        failing.look(1)
        until(lambda: failing.state(1).phase is Phase.FAILED)
        until(lambda: failing._known[1].patience > 1.0)
    finally:
        failing.stop()


def test_the_thread_that_loaded_has_not_ended_when_a_process_is_forked(monkeypatch):
    """Who ends takes locks of MKL's meanwhile, and a child would wait for them for ever."""
    seen = []
    monkeypatch.setattr(forkserver.gc, "freeze", lambda: None)
    monkeypatch.setattr(forkserver, "_load", lambda: seen.append(threading.current_thread()))
    monkeypatch.setattr(forkserver, "fork_for_ever", lambda *_: seen.append(seen[0].is_alive()))
    ours, theirs = Pipe()
    with ours, theirs:
        forkserver.main([str(os.dup(theirs.fileno()))])
    assert seen[0] is not threading.current_thread()
    assert seen[1]


def test_the_lock_is_the_databases_own(db, home):
    id = make(db, [travel(0)]).id
    assert worker.lock(db, id).acquire()
    assert (home / f"coach-{id}.lock").exists()
    assert not worker.lock(db, id).acquire()


def test_in_the_midst_of_reading_it_says_so_and_ends_with_what_it_has(db, connected, monkeypatch):
    monkeypatch.setattr(worker, "LEARNING_SECONDS", 0.0)
    done = [replace(travel(number), status=Status.DONE) for number in range(40)]
    id = documents.create_with_documents(db, "Read", done, "ada")
    pipe, server = connected
    working = worker.Working(Coach(db, id), pipe)
    assert working.round() == 0.0
    told = server.recv()
    assert (told.phase, told.documents) == (Phase.READING, 16)
    server.send(STOP)
    with pytest.raises(worker.Ended):
        worker.go_on(pipe, working.round)
    working.coach.close()
    # Nobody told it of the rest: it was asked to end. Who comes next goes on.
    again = Coach(db, id)
    assert len(again.learner.learned) >= 16 and again.reads_on
    while again.reads_on:
        again.update(())
    assert len(again.learner.learned) == 40


def test_where_nothing_is_new_one_question_is_asked(db, connected):
    project = make(db, [travel(number) for number in range(3)])
    ids = list(documents.list_ids(db, project.id))
    finish(db, project, ids[0], travel(0))
    pipe, server = connected
    server.send(Ahead(tuple(ids[1:])))
    pipe.hear(0.0)
    working = worker.Working(Coach(db, project.id), pipe)
    while working.round() == 0.0:
        continue
    counted = Counted(db)
    assert working.round() == worker.POLL_SECONDS
    assert counted.statements == ["BEGIN", "PRAGMA data_version"]
    finish(db, project, ids[1], travel(1))
    assert working.round() == 0.0
    assert len(working.coach.learner.learned) == 2
