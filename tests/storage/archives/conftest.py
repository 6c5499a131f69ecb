"""Archives of a project, and another home to put them into."""

from pathlib import Path

import pytest

from storage.archives import writing
from storage.corpus import projects
from storage.database.connection import Database
from tests.storage.archives.making import live


@pytest.fixture
def archive(db, project, tmp_path) -> Path:
    live(db, project)
    path = tmp_path / "news.zip"
    writing.write(db, project.id, path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory, migrated) -> Path:
    """An archive for those who only damage copies of it."""
    place = tmp_path_factory.mktemp("made")
    (place / "whetstone.db").write_bytes(Path(migrated).read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(place))
        db = Database.open()
        project = projects.create_project(db, "News")
        projects.add_labels(db, project.id, ["PER", "ORG"])
        live(db, projects.get_project(db, project.id))
        writing.write(db, project.id, place / "news.zip")
        db.close()
    return place / "news.zip"


@pytest.fixture
def other(tmp_path, migrated, monkeypatch):
    """An empty database in another home."""
    place = tmp_path / "other"
    monkeypatch.setenv("WHETSTONE_HOME", str(place))
    place.mkdir()
    (place / "whetstone.db").write_bytes(Path(migrated).read_bytes())
    found = Database.open(f"sqlite:///{place / 'whetstone.db'}")
    yield found
    found.close()
