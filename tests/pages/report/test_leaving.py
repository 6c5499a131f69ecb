"""How a report leaves the page: every format by a button, its tables as cells to be pasted."""

import shutil

import pytest

from engine.evaluation.confusion import Confusion
from engine.exports import spreadsheet
from engine.exports.formats import FORMATS
from pages.widgets.report import leaving
from storage import home
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import reports
from storage.types import Run, Split
from tests.engine.inspection.finished import reported
from tests.pages.conftest import Open, plain

NAMES = ("LOC", "MISC", "ORG", "PER")


@pytest.fixture
def run(db: Database, sample: int) -> Run:
    documents = [each for each in annotations.current(db, sample, Split.TEST) if each.spans]
    found = {each.id: each.spans[:1] for each in documents}
    return reported(db, sample, documents, found, NAMES)


def test_each_format_has_a_button_and_is_made_when_it_is_clicked(
    open_page: Open, db: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(leaving.telling, "told_of", lambda *asked: made.append(asked))
    app = open_page("report")
    assert not app.get("download_button")
    app.session_state["export"] = True
    buttons = app.run().get("download_button")
    assert [plain(each.proto.label).split("**")[1] for each in buttons] == [
        *(form.title for form in FORMATS.values()),
        "Model card, HTML",
    ]
    assert made == []


def test_every_format_is_made_of_a_run(db: Database, run: Run) -> None:
    assert all(leaving.maker(run, "test", form)() for form in FORMATS.values())


def test_a_table_is_text_that_becomes_cells(open_page: Open, db: Database, run: Run) -> None:
    app = open_page("report")
    app.session_state["export"] = True
    app.session_state["copied"] = leaving.CONFUSION
    (code,) = app.run().code
    head, *rows = [line.split("\t") for line in code.value.splitlines()]
    table = Confusion.of(reports.get_report(db, run.id)["test"])
    assert head[1:] == table.columns
    assert [[int(cell) for cell in row[1:]] for row in rows] == [list(c) for c in table.counts]


def test_what_is_gone_is_a_sentence(open_page: Open, db: Database, run: Run) -> None:
    shutil.rmtree(home.run_folder(run.folder))
    app = open_page("report")
    app.session_state["export"] = True
    assert "report.json is missing" in plain(app.run().error[0].value)


def test_no_cell_is_a_formula_or_breaks_its_row() -> None:
    found = spreadsheet.cells([["=1+1", "a\tb\nc", 0.1 + 0.2, 1234567]])
    assert found == "'=1+1\ta b c\t0.3\t1234567"
