"""``monitor``: its one object, and its sentences; what the models say is stood in for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.commands import monitoring
from engine.monitoring import counting
from storage import home
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import runs
from storage.types import RunState
from tests.engine.commands.conftest import Command, assert_fails

START = date(2026, 1, 5)


@pytest.fixture
def topics(project: str) -> str:
    """A project on classes whose run has a model, as far as anybody looks before asking it."""
    db = Database.open()
    made = projects.create_project(db, "Topics", "classes")
    projects.add_labels(db, made.id, ["app"])
    run = runs.create_run(db, made.id, {"base": "bundled"})
    runs.set_state(db, run.id, RunState.DONE)
    (home.run_folder(run.folder) / "model").mkdir(parents=True)
    db.close()
    return "Topics"


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    days = [START + timedelta(days=n) for n in range(60)]
    rows = [f"{day:%d/%m/%Y};a {day}" for day in days for _ in range(5 if day != days[-1] else 40)]
    path = tmp_path / "reviews.csv"
    path.write_text("\n".join(["when;text", *rows, "soon;x", "01/02/2026; "]) + "\n")
    return path


def said(folders: Sequence[Path], dated: Sequence) -> tuple:
    assert len(folders) == 1
    return counting.count((day, {"app/login"}, set()) for _, day in dated), 0, ""


def test_series_and_alarms_are_one_object(
    run: Command, topics: str, reviews: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "_label", said)
    asked = ("monitor", "--project", topics, "--input", reviews, "--date-column", "when")
    found = run(*asked)
    assert found.code == 0, found.error
    assert (found.payload["by"], found.payload["texts"], found.payload["undated"]) == (
        "day",
        335,
        1,
    )
    assert "such as 'soon'" in found.error
    series = found.payload["series"]
    assert [each["topic"] for each in series] == ["", "app", "app/login"]
    assert series[1]["points"][-1] == series[0]["points"][-1]
    assert {"date", "count", "share", "low", "high"} <= series[0]["points"][0].keys()
    alarm = found.payload["alarms"][0]
    assert {"topic", "label", "date", "count", "expected", "p", "reason"} <= alarm.keys()
    assert (alarm["date"], alarm["count"]) == ("2026-03-05", 40)
    assert alarm["expected"] == pytest.approx(5, abs=0.1)
    weeks = run(*asked, "--by", "week", "--alarms-per-year", "0.5").payload
    assert weeks["series"][0]["points"][0] == {
        **{"date": "2026-01-05", "count": 35, "total": 35, "share": 1.0},
        **{name: pytest.approx(weeks["series"][0]["points"][0][name]) for name in ("low", "high")},
    }


def test_what_is_wrong_is_a_sentence(run: Command, topics: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("written,text\nsoon,One.\n\n")

    def fails(words: str, *more: str, file: Path = path) -> None:
        assert_fails(run("monitor", "--project", topics, "--input", file, *more), words)

    fails("such as 'soon': name the column of dates", "--date-column", "written")
    fails("no column 'day'; choose one of written, text", "--date-column", "day")
    fails("Which column of bad.csv is the date? Choose one of written, text")
    fails("by day or by week, not by 'month'", "--by", "month")
    fails("is no rate", "--alarms-per-year", "0")
    fails("no time zone 'Nowhere'", "--timezone", "Nowhere")
    fails("gone.csv is not there", file=tmp_path / "gone.csv")
    fails("There is no run 9", "--run", "9")
