"""A database for what goes in or out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.connection import Database
from tests.conftest import furnish


@pytest.fixture
def db(home: Path, migrated: Path) -> Iterator[Database]:
    furnish(home, migrated)
    db = Database.open()
    yield db
    db.close()
