"""An export is written, read back and compared; it can be stopped, and takes what was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.transfers.exports import Export, Wanted
from engine.transfers.state import Phase, StoppedError
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import StorageError
from storage.types import Document, Span, Split, Status
from tests.engine.transfers.links import Link


@pytest.fixture
def project(db: Database) -> int:
    made = projects.create_project(db, "News", allow_overlaps=True)
    given = [
        Document("Ada slept.", spans=(Span(0, 3, "PER"),), status=Status.DONE, split=Split.TRAIN),
        Document("Nobody came.", split=Split.TRAIN),
        Document("Oslo won.", spans=(Span(0, 4, "LOC"),), status=Status.DONE, split=Split.TEST),
    ]
    documents.add_documents(db, made.id, given, "ada")
    return made.id


def export(path: Path, wanted: Wanted, format: str = "doccano") -> Export:
    return Export(wanted, format, "spans", path, {})


def test_a_file_is_written_and_read_back(db: Database, project: int, tmp_path: Path) -> None:
    link = Link()
    done = export(tmp_path / "file", Wanted(project)).carry_out(link)
    assert done.size == (tmp_path / "file").stat().st_size > 0
    assert (done.verification.equal, done.verification.documents) == (3, 3)
    phases = [(state.phase, state.of_documents) for state in link.states]
    assert list(dict.fromkeys(phases)) == [(Phase.WRITING, 3), (Phase.CHECKING, 3)]


def test_splits_statuses_and_the_documents_of_a_search_are_kept_to(
    db: Database, project: int, tmp_path: Path
) -> None:
    ids = documents.list_ids(db, project)
    for wanted, count in (
        (Wanted(project, statuses=(Status.DONE,)), 2),
        (Wanted(project, Split.TRAIN), 2),
        (Wanted(project, ids=ids[1:]), 2),
        (Wanted(project, Split.TRAIN, ids=ids[1:]), 1),
        (Wanted(project, statuses=(Status.DONE,), ids=ids[:2]), 1),
    ):
        done = export(tmp_path / "file", wanted).carry_out(Link())
        assert (done.verification.equal, done.verification.documents) == (count, count), wanted


def test_it_can_be_stopped_and_a_place_that_cannot_be_written_is_told(
    db: Database, project: int, tmp_path: Path
) -> None:
    for phase in (Phase.WRITING, Phase.CHECKING):
        with pytest.raises(StoppedError):
            export(tmp_path / "file", Wanted(project)).carry_out(Link(phase))
    with pytest.raises(StorageError, match="make room"):
        export(tmp_path / "none" / "file", Wanted(project)).carry_out(Link())
