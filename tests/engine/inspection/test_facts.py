"""Facts of reports that earlier versions stored: completed once, when they are first asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.inspection import facts
from engine.runner import results
from engine.runs import snapshot
from storage import home as homes
from storage.cells import ANY, Cell, Only
from storage.database.connection import Database
from storage.engines.schema import MatchRow
from storage.errors import ReadOnlyError
from storage.facts import RIGHT, Filter
from storage.runs import filtering, reports, runs
from storage.types import Run


@pytest.fixture
def db(home: Path, before: Path) -> Iterator[Database]:
    """The database of a home that version 0.5 made."""
    shutil.copytree(before, home)
    with closing(Database.open()) as database:
        yield database


@pytest.fixture
def run(db: Database) -> Run:
    return runs.get_run(db, 1)


def rows_of(db: Database, run: Run) -> list[tuple]:
    columns = MatchRow.id, MatchRow.error, MatchRow.border, MatchRow.length
    query = select(*columns, MatchRow.document_length, MatchRow.seen)
    with db.read() as session:
        found = session.execute(query.where(MatchRow.run_id == run.id).order_by(MatchRow.id))
        return [tuple(row) for row in found]


def test_a_report_of_before_can_be_filtered_once_it_was_asked_for(db: Database, run: Run) -> None:
    assert not filtering.known(db, run.id)
    assert facts.complete(db, run) == ""
    assert filtering.known(db, run.id)
    right, wrong = (
        reports.count_cell(db, Cell(run.id, "test", ANY, only=only, filter=asked))
        for only, asked in ((Only.ALL, Filter(error=RIGHT)), (Only.ERRORS, Filter()))
    )
    assert right and wrong
    whole = reports.count_cell(db, Cell(run.id, "test", ANY))
    assert right + wrong == whole
    assert all(
        length and document and seen is not None for *_, length, document, seen in rows_of(db, run)
    )


def test_they_are_those_that_a_run_of_now_stores_with_its_report(db: Database, run: Run) -> None:
    facts.complete(db, run)
    completed = [row[1:] for row in rows_of(db, run)]
    results.store(db, run)
    assert [row[1:] for row in rows_of(db, run)] == completed
    assert filtering.known(db, run.id)


def test_what_is_known_is_not_asked_again(db: Database, run: Run) -> None:
    facts.complete(db, run)
    homes.run_folder(run.folder).joinpath(snapshot.DATA).unlink()
    assert facts.complete(db, run) == ""


@pytest.mark.parametrize("damage", ["missing", "damaged", "another's"])
def test_without_the_frozen_data_the_reason_is_said(db: Database, run: Run, damage: str) -> None:
    path = homes.run_folder(run.folder) / snapshot.DATA
    if damage == "damaged":
        path.write_bytes(b"no parquet")
    elif damage == "missing":
        path.unlink()
    else:
        snapshot.write(path.parent, snapshot.pick(path.parent, [1]))
    why = facts.complete(db, run)
    assert why.startswith("Filters are not there, because the run's data cannot be read. ")
    assert "data.parquet" in why
    assert not filtering.known(db, run.id)
    # And a report whose run just ended is stored all the same.
    results.store(db, run)
    assert reports.count_cell(db, Cell(run.id, "test", ANY)) > 0


def test_a_database_that_cannot_be_written_does_without(
    db: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "barrier", lambda: ReadOnlyError("The disk is read-only."))
    assert facts.complete(db, run).endswith("The disk is read-only.")
    assert not filtering.known(db, run.id)
