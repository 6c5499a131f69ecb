"""A whole project goes out and comes in as one file, in the background."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from engine.transfers.archives import Archive, Unarchive
from engine.transfers.state import Phase, State, StoppedError
from storage.archives import contents
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import InputError, StorageError
from storage.types import Document
from tests.engine.transfers import links


class Link(links.Link):
    def tell(self, state: State) -> None:
        assert state.message
        super().tell(state)


@pytest.fixture
def project(db: Database) -> int:
    made = projects.create_project(db, "News")
    documents.add_documents(db, made.id, [Document("Ada slept."), Document("Oslo won.")], "ada")
    return made.id


def test_a_project_goes_out_and_comes_in_beside_itself(
    db: Database, project: int, tmp_path: Path
) -> None:
    path, link = tmp_path / "file", Link()
    archived = Archive(project, path).carry_out(link)
    assert (archived.rows["documents"], archived.size) == (2, path.stat().st_size)
    assert contents.is_archive(path)
    arrived = Unarchive(path, "news.zip").carry_out(link)
    assert link.phases == {Phase.WRITING, Phase.LOADING}
    assert arrived.documents == documents.count_documents(db, arrived.intake.project) == 2
    assert len({each.name for each in projects.list_projects(db)}) == 2


def test_what_is_stopped_or_cannot_be_written_leaves_nothing(
    db: Database, project: int, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    with pytest.raises(StoppedError):
        Archive(project, path).carry_out(Link(Phase.WRITING))
    assert list(tmp_path.glob("file*")) == []
    Archive(project, path).carry_out(Link())
    with pytest.raises(StoppedError):
        Unarchive(path, "news.zip").carry_out(Link(Phase.LOADING))
    assert len(projects.list_projects(db)) == 1
    with pytest.raises(StorageError, match="make room"):
        Archive(project, tmp_path / "none" / "file").carry_out(Link())


def test_other_files_are_no_archives_and_errors_name_the_file_as_people_know_it(
    db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "1"
    path.write_bytes(b"PK\x03\x04rubbish")
    assert not contents.is_archive(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "Ada")
    assert not contents.is_archive(path)
    with pytest.raises(InputError, match="news.zip is no archive"):
        Unarchive(path, "news.zip").carry_out(Link())
