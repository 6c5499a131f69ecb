"""The process that renews suspects: whoever changes a label, it sees it; killed, it is back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

import pytest

from engine.coach.registry import Coaches
from engine.coach.renewal import worker
from engine.coach.renewal.registry import COMMAND
from engine.coach.worker import Pipe
from storage.database.connection import Database
from storage.runs import renewals
from storage.types import Run
from tests.engine.coach.counting import Counted
from tests.engine.coach.renewal import test_renewer
from tests.engine.coach.renewal.test_renewer import of_city, relabel
from tests.workers.coaching import ForkedForkServer

project, check = test_renewer.project, test_renewer.check
SECONDS = 60.0


@pytest.fixture
def renewers() -> Iterator[Coaches]:
    served = Coaches(ForkedForkServer(COMMAND))
    served.start()
    yield served
    served.stop()


def until(met: Callable[[], object]) -> None:
    ends = time.monotonic() + SECONDS
    while not met():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.02)


def test_a_mended_label_renews_what_leaned_on_it_also_after_a_kill(
    db: Database, project: int, check: Run, renewers: Coaches
) -> None:
    ulm, then = of_city(db, project, "Ulm"), renewals.stamp(db, check.id)
    renewers.look(project)
    until(lambda: renewers.process(project))
    for document in ulm[:2]:
        relabel(db, project, document, "place")
    until(lambda: renewals.since(db, then) >= 3)
    before, pid = renewals.stamp(db, check.id), renewers.process(project)
    assert pid
    os.kill(pid, signal.SIGKILL)
    relabel(db, project, ulm[2], "place")
    until(lambda: renewals.since(db, before) >= 2)


def test_where_nothing_is_new_one_question_is_asked(
    db: Database, project: int, check: Run, connected: tuple[Pipe, Connection]
) -> None:
    rounds = worker.Rounds(db, project, connected[0])
    assert rounds.round() == worker.POLL_SECONDS
    counted = Counted(db)
    rounds.round()
    assert counted.statements == ["BEGIN", "PRAGMA data_version"]
    then = renewals.stamp(db, check.id)
    for document in of_city(db, project, "Ulm")[:2]:
        relabel(db, project, document, "place")
    rounds.round()
    assert renewals.since(db, then) >= 3
