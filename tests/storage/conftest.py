"""A home folder and a database of its own for every test.

What is stored is the same on SQLite and on PostgreSQL, so the tests of the nouns run on both.
"""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.types import Document, Project, Span, Split, Status
from tests.storage.reused import Reused
from tests.storage.server import Server, installed, needs_postgres

# Rooms whose tests are about files, or bring a server of their own.
ON_ONE = ("backups", "database", "engines", "faults", "health", "migrations")
ENGINES = ["sqlite", pytest.param("postgresql", marks=needs_postgres)]
# On a server with the long tests only: what they look at hardly differs there.
LATER = pytest.param("postgresql", marks=[needs_postgres, pytest.mark.long])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the nouns, and of processes, on both engines.

    Those marked ``sqlite`` are about SQLite itself; ``sqlite_first`` ones meet a server only when
    there is time.
    """
    if "db" not in metafunc.fixturenames or metafunc.definition.get_closest_marker("sqlite"):
        return
    # Other processes take seconds to start.
    processes = metafunc.definition.path.name in ("test_processes.py", "test_killed_work.py")
    if processes or metafunc.definition.get_closest_marker("sqlite_first"):
        metafunc.parametrize("db", ["sqlite", LATER], indirect=True)
    elif metafunc.definition.path.parent.name not in ON_ONE:
        metafunc.parametrize("db", ENGINES, indirect=True)


@pytest.fixture
def home(home) -> Path:
    """The test's home folder, there already."""
    home.mkdir(mode=0o700)
    return home


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running server with a migrated database, "template", that others are copied from."""
    with installed() as made:
        made.start()
        with psycopg.connect(made.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE template")
        Database.open(made.database("template")).close()
        yield made


NUMBERS = itertools.count(1)


@pytest.fixture
def copied(postgres: Server) -> Iterator[str]:
    """The URL of an empty database on the server."""
    name = f"copy_{next(NUMBERS)}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template")
        yield postgres.database(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def reused(postgres: Server) -> Iterator[Reused]:
    """A database on the server that is emptied after each test, at a third of what a copy takes."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE reused TEMPLATE template")
    with Reused(postgres.database("reused")) as made:
        yield made


@pytest.fixture
def emptied(reused: Reused) -> Iterator[str]:
    """The URL of an empty database on the server, whose tables and indexes no test changes."""
    yield reused.url
    reused.empty()


@pytest.fixture
def db(home, migrated, request):
    """An open, empty database: in the home folder, or on a server."""
    if getattr(request, "param", "sqlite") == "sqlite":
        shutil.copy(migrated, home / "whetstone.db")
        url = None
    else:
        url = request.getfixturevalue("emptied")
    database = Database.open(url)
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
