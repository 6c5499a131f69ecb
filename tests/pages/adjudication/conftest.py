"""A project in which people differ, as the page and its routes find it."""

from __future__ import annotations

import pytest

from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.types import Project
from tests.storage.collaboration.versions import ADA, BOB, ROME, Versions, labelled

PEOPLE: Versions = {"ann": (ADA, BOB), "ben": (ADA, ROME), "cyd": (ADA, BOB)}


@pytest.fixture
def project(db: Database) -> Project:
    made = projects.create_project(db, "News")
    projects.add_labels(db, made.id, ["PER", "ORG"])
    settings.put(db, "last_project", made.id)
    return projects.get_project(db, made.id)


@pytest.fixture
def ids(db: Database, project: Project) -> list[int]:
    """One that all labelled alike, one with one place that differs, one with two."""
    same = labelled({"ann": (ADA,), "ben": (ADA,)})
    one = labelled({"ann": (ADA,), "ben": (ADA, BOB)}, name="one")
    documents.add_documents(db, project.id, [same, one, labelled(PEOPLE, name="two")], "imp")
    return documents.list_ids(db, project.id)
