"""Runs that earlier versions finished: today's commands report, predict, and open their cells."""

from __future__ import annotations

import json
import tarfile
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from engine.tasks.spans.metrics import levels
from storage.cells import MISSED, SPURIOUS, Cell
from storage.database.connection import Database
from storage.runs import reports
from storage.types import Split
from tests.engine.commands.conftest import Command
from tests.engine.folders import ROOT

HOMES = ROOT / "tests" / "fixtures" / "homes"
VERSIONS = sorted(path.stem for path in HOMES.glob("*.json"))


@pytest.fixture(params=VERSIONS)
def known(request: pytest.FixtureRequest, new_home: Path) -> dict:
    """What each earlier version said of run 1 in its home, which lies in the place of today's."""
    with tarfile.open(HOMES / f"{request.param}.tar.xz") as archive:
        archive.extractall(new_home.parent, filter="data")
    told = json.loads((HOMES / f"{request.param}.json").read_text(encoding="utf-8"))
    return next(run for run in told["runs"] if run["id"] == 1)


def test_a_run_of_before_is_reported_used_and_opened(
    known: dict, run: Command, home: Path, tmp_path: Path
) -> None:
    """Its home is brought up to date once, which takes longest."""
    its_figures_are_printed_as_they_were(known, run, home)
    its_model_labels_a_file(run, tmp_path)
    with closing(Database.open()) as db:
        each_cell_opens_as_many_rows_as_it_says(known, db)


def its_figures_are_printed_as_they_were(known: dict, run: Command, home: Path) -> None:
    printed = run("report", 1).payload
    assert printed["confusion"]["counts"] == known["confusion"]
    # Before 0.4 a folder had its run's number and no name of its own.
    (report,) = [*home.glob("runs/1/report.json"), *home.glob("runs/1-*/report.json")]
    left = json.loads(report.read_text(encoding="utf-8"))["test"]
    # Up to 0.4 a folder held it as it is printed to this day.
    left = left if "entity" in left else levels.to_levels(left)
    assert {name: printed[name] for name in left} == left
    again = run("train", "--resume", 1)
    assert (again.code, again.payload["test"]) == (0, left)


def its_model_labels_a_file(run: Command, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("Ada Lovelace went to Paris yesterday .\n")
    answer = run("predict", 1, tmp_path / "in.txt", tmp_path / "out.jsonl")
    assert (answer.code, answer.payload["documents"]) == (0, 1), answer.error
    (line,) = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["text"] == "Ada Lovelace went to Paris yesterday ."
    assert len(json.loads(line)["label"]) == answer.payload["spans"]


def each_cell_opens_as_many_rows_as_it_says(known: dict, db: Database) -> None:
    found = reports.get_report(db, 1)["test"]["confusion"]
    sides = product([*found["labels"], SPURIOUS], [*found["labels"], MISSED])
    cells = [Cell(1, str(Split.TEST), *side) for side in sides]
    opened = [len(reports.cell(db, cell, limit=1000).rows) for cell in cells]
    assert opened == [count for row in known["confusion"] for count in row]
    assert sum(opened) > 0
