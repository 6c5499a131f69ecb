"""A database with a project, in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.corpus import projects
from storage.database.connection import Database


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    database = Database.open()
    yield database
    database.close()


@pytest.fixture
def project(db: Database) -> int:
    return projects.create_project(db, "p").id
