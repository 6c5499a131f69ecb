"""Reports that earlier versions left, in their databases and in the folders of their runs."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.evaluation.confusion import confuse
from engine.runner import results
from engine.runs import snapshot
from engine.runs.files import REPORT
from engine.tasks.spans.metrics import levels
from storage import home as homes
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import Run, Split, Task

HOMES = Path(__file__).parents[2] / "fixtures" / "homes"
VERSIONS = sorted(path.stem for path in HOMES.glob("*.json"))


# Each takes as long as its migrations; what the versions between them left is read alike.
QUICK = ("0.1", "0.4", "0.5", "0.9", "0.11")
LONG = [pytest.param(each, marks=pytest.mark.long) for each in VERSIONS if each not in QUICK]


@pytest.fixture(params=[*QUICK, *LONG])
def db(request: pytest.FixtureRequest, home: Path) -> Iterator[Database]:
    """Each earlier version's database in turn, its home in the place of the test's."""
    with tarfile.open(HOMES / f"{request.param}.tar.xz") as archive:
        archive.extractall(home.parent, filter="data")
    database = Database.open()
    yield database
    database.close()


def reported(db: Database) -> list[Run]:
    """The runs that have scores; there is at least one in every home."""
    spans = [each for each in projects.list_projects(db) if each.task == Task.SPANS]
    known = [run for each in spans for run in runs.list_runs(db, each.id)]
    found = [run for run in known if (reports.get_report(db, run.id) or {}).get("test")]
    assert found
    return found


def test_a_report_of_before_is_read_in_the_form_of_now_and_its_folder_can_be_stored(
    db: Database,
) -> None:
    for run in reported(db):
        check_form(db, run)
        check_storing(db, run)


def check_form(db: Database, run: Run) -> None:
    stored, found = reports.get_report(db, run.id), results.of_run(db, run.id)
    # Up to 0.4 reports were stored as commands print them to this day.
    printed = stored if "entity" in stored["test"] else levels.printed(stored)
    for split in ("dev", "test"):
        assert "entity" not in found[split]
        assert found[split]["headline"]["value"] == printed[split]["entity"]["micro"]["f1"]
    assert reports.headlines(db, [run.id])[run.id][1] == found["test"]["headline"]["value"]
    assert levels.printed(found) == printed


def check_storing(db: Database, run: Run) -> None:
    """The worker of before had just ended when the newer version was started."""
    folder = homes.run_folder(run.folder)
    assert any((folder / name).exists() for name in (snapshot.PAIRS, snapshot.MATCHES))
    before = results.of_run(db, run.id)
    with db.write() as session:
        session.execute(text(f"DELETE FROM matches WHERE run_id = {run.id}"))
    results.store(db, run)
    stored = reports.get_report(db, run.id)
    assert stored == results.of_run(db, run.id) == results.read_report(folder) == before
    matches = snapshot.read_matches(folder)
    for split in (Split.DEV, Split.TEST):
        assert stored[split]["confusion"] == confuse(matches[split])
    raw = json.loads((folder / REPORT).read_text())
    known = raw if "entity" in raw["test"] else levels.printed(raw)
    assert levels.printed(stored)["test"] == known["test"]
