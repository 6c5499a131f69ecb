"""A database with a project, in a home of its own."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.corpus import projects
from storage.database.connection import Database
from tests.engine.folders import ROOT


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that version 0.5 made, brought up to date once."""
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(ROOT / "tests" / "fixtures" / "homes" / "0.5.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    Database.open(f"sqlite:///{folder / 'home' / 'whetstone.db'}").close()
    return folder / "home"


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    database = Database.open()
    yield database
    database.close()


@pytest.fixture
def project(db: Database) -> int:
    return projects.create_project(db, "p").id
