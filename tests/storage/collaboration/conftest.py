"""People of a project, who act in turn, and documents that several have finished."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from storage.accounts import accounts
from storage.database.connection import Database
from storage.permissions import Person, Role, acting_as
from storage.types import Project, Span
from tests.storage.collaboration.versions import Versions, labelled
from tests.storage.conftest import sentence, stored


def acting(name: str, role: Role = Role.ANNOTATOR) -> AbstractContextManager[None]:
    return acting_as(Person(name, role))


def people(db: Database, project: Project) -> int:
    """Let there be accounts, and a document that ada has labelled; return its id."""
    accounts.add(db, "root", Role.ADMIN)
    for name in ("Bob Berg", "cleo"):
        accounts.add(db, name, Role.ANNOTATOR)
    return stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")))[0]


@pytest.fixture
def given(db: Database, project: Project) -> Callable[..., list[int]]:
    """A function that stores documents, one for each table of versions, and returns their ids."""

    def give(*tables: Versions) -> list[int]:
        return stored(db, project, *(labelled(each) for each in tables))

    return give
