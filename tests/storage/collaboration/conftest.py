"""People of a project, who act in turn."""

from __future__ import annotations

from contextlib import AbstractContextManager

from storage.accounts import accounts
from storage.database.connection import Database
from storage.permissions import Person, Role, acting_as
from storage.types import Project, Span
from tests.storage.conftest import sentence, stored


def acting(name: str, role: Role = Role.ANNOTATOR) -> AbstractContextManager[None]:
    return acting_as(Person(name, role))


def people(db: Database, project: Project) -> int:
    """Let there be accounts, and a document that ada has labelled; return its id."""
    accounts.add(db, "root", Role.ADMIN)
    for name in ("Bob Berg", "cleo"):
        accounts.add(db, name, Role.ANNOTATOR)
    return stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")))[0]
