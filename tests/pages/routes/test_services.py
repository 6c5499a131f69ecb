"""What starts beside the server, and ends with it."""

from __future__ import annotations

import gc
import sys
import threading

import app
from engine.runner import JobRunner
from storage.database.connection import Database


def test_the_runner_starts_beside_the_server_and_ends_with_it(db: Database) -> None:
    frozen = gc.get_freeze_count()
    services = app.start(threading.Event())
    assert set(app.WARM) <= set(sys.modules) and gc.get_freeze_count() > frozen
    assert any(isinstance(service, JobRunner) for service in services)
    for service in services:
        service.stop()
