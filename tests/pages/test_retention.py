"""What served models were asked is forgotten in time, whether anything is served or not."""

from __future__ import annotations

from pathlib import Path

import pytest

import app
from storage.corpus import projects
from storage.database.store import database
from storage.serving import kept
from tests.engine.folders import wait_for
from tests.storage.serving.test_kept import asked


def test_texts_whose_days_are_over_go_while_the_app_runs(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "RETENTION_SECONDS", 0.01)
    db = database()
    project = projects.create_project(db, "News").id
    kept.keep_for(db, project, 7)
    kept.add(db, project, 1, [asked("old", 0.9, days=8), asked("new", 0.9, days=6)])
    service = app.retention()
    service.start()
    try:
        wait_for(lambda: kept.waiting(db, project).texts == 1, 10)
    finally:
        service.stop()
