"""What is to be served: the live version, or one run, with the catalogue that its model reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.runner import folder_of
from engine.serving import promoting
from engine.serving.running import choosing
from engine.serving.running.orders import Service
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import NotFoundError
from storage.runs import runs as stored
from storage.types import Stage
from tests.engine import catalogued


def test_a_catalogue_goes_with_the_model_that_reads_it(db: Database, bert: Path) -> None:
    project = projects.create_project(db, "p", "pairs").id
    projects.add_labels(db, project, list(catalogued.LABELS))
    read = catalogued.shelve(db, project, bert)
    trained = read.model_of
    assert trained
    with pytest.raises(NotFoundError, match="No version of this project is live"):
        choosing.choose(db, Service(project))
    promoting.promote(db, trained, Stage.LIVE)
    live = choosing.choose(db, Service(project))
    assert (live.run_id, live.stage, live.catalogue) == (trained, "live", read.id)
    for service in (Service(project), Service(project, trained)):
        order, described = choosing.order(db, service, choosing.choose(db, service))
        assert order.folder == folder_of(stored.get_run(db, trained))
        assert order.catalogue == folder_of(read)
        assert described.matches and described.digest == live.digest
