"""A home folder and a database of its own for every test.

With WHETSTONE_TEST_POSTGRES set to the URL of a server's scratch database (with its driver:
postgresql+psycopg://…), the tests of the nouns run there; everything in it is dropped.
"""

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.types import Document, Project, Span, Split, Status


@pytest.fixture
def home(home) -> Path:
    """The test's home folder, there already."""
    home.mkdir(mode=0o700)
    return home


@pytest.fixture
def db(home, migrated):
    """An open, empty database: in the home folder, or on the server that a tester names."""
    server = os.environ.get("WHETSTONE_TEST_POSTGRES")
    if server:
        with create_engine(server).begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    else:
        shutil.copy(migrated, home / "whetstone.db")
    database = Database.open(server)
    yield database
    database.close()


@pytest.fixture
def project(db) -> Project:
    """A project with the labels PER and ORG and no documents."""
    made = projects.create_project(db, "News")
    projects.add_labels(db, made.id, ["PER", "ORG"])
    return projects.get_project(db, made.id)


def sentence(text: str = "Ada met Bob.", *spans: Span, **fields) -> Document:
    """Return a train document with its words as tokens; done where it has spans."""
    tokens, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        tokens.append((start, start + len(word)))
        start += len(word)
    status = Status.DONE if spans else Status.UNTOUCHED
    defaults = {"split": Split.TRAIN, "status": status, "name": "news.txt:1"}
    return Document(text=text, tokens=tuple(tokens), spans=spans, **defaults | fields)


def stored(db: Database, project: Project, *given: Document, annotator: str = "ada") -> list[int]:
    """Store documents and return the ids of all in the project."""
    documents.add_documents(db, project.id, given, annotator)
    return documents.list_ids(db, project.id)
