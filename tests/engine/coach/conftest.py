"""A database, and a project that is half labelled."""

from collections.abc import Iterator
from contextlib import closing
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from engine.coach import worker
from storage.corpus import documents
from storage.database.connection import Database
from storage.types import Document, Project
from tests.engine.coach.travels import finish, make, travel


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    with closing(Database.open()) as database:
        yield database


@pytest.fixture
def tagged(db: Database) -> tuple[Project, list[int], list[Document]]:
    """Ten documents done, ten to do."""
    wanted = [travel(number) for number in range(20)]
    project = make(db, wanted)
    ids = documents.list_ids(db, project.id)
    for id, document in zip(ids[:10], wanted, strict=False):
        finish(db, project, id, document)
    return project, list(ids), wanted


@pytest.fixture
def connected() -> Iterator[tuple[worker.Pipe, Connection]]:
    """A process's end of a pipe, and the server's."""
    ours, theirs = Pipe()
    with ours, theirs:
        yield worker.Pipe(theirs), ours
