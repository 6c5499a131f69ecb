"""A home whose database is open, as a person's app has it beside the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.connection import Database


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    db = Database.open()
    yield db
    db.close()
