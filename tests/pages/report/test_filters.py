"""Filters on the Report page: every number is that of the rows that open, and one click clears."""

from engine.inspection import facts
from storage.cells import ANY, MISSED, Cell, Only
from storage.database.connection import Database
from storage.facts import GOLD, Filter
from storage.finding import selection
from storage.runs import reports
from storage.types import Run, Split
from tests.pages.conftest import Open, button, plain, said
from tests.pages.report.conftest import Report


def opened(page: Report, db: Database, asked: Filter) -> tuple[int, int]:
    """How many rows the open part has by the page's heading, and in the database."""
    part = page.part
    only = Only(part.get("only", ""))
    cell = Cell(page.run.id, "test", part.get("gold", ""), part.get("predicted", ""), only, asked)
    (heading,) = [each.value for each in page.app.subheader]
    return int(heading.split()[-2].replace(",", "")), reports.count_cell(db, cell)


def test_an_address_with_a_filter_counts_what_it_leaves_and_opens_it(
    open_page: Open, scored: Run, db: Database
) -> None:
    asked = Filter(seen=False)
    page = Report(open_page("report", run=str(scored.id), filter=asked.address), scored)
    left = reports.count_cell(db, Cell(scored.id, "test", ANY, filter=asked))
    assert 0 < left < reports.count_cell(db, Cell(scored.id, "test", ANY))
    assert f"**{left:,} spans left**" in said(page.app)
    page.show("Labels").click("labels-averages", cells=[[0, "errors"]])
    shown, there = opened(page, db, asked)
    assert shown == there

    button(page.app, "Clear").click()
    page.again()
    assert "spans left" not in said(page.app)
    assert "filter" not in page.app.query_params


def test_a_kinds_number_opens_its_rows_and_leaves_the_table_as_it_is(
    open_page: Open, scored: Run, db: Database
) -> None:
    page = Report(open_page("report", run=str(scored.id), view="Kinds"), scored)
    page.click("kinds", cells=[[0, "gold"]])
    missed = Filter("missed", side=GOLD)
    assert opened(page, db, missed) == (3, 3)
    assert page.app.query_params["within"] == missed.address
    assert "spans left" not in said(page.app)
    # PER and ORG went wrong with each other four times, LOC was missed.
    page.click("kinds-labels", cells=[[2, "missed"]])
    assert page.part["gold"] == "LOC"
    assert opened(page, db, Filter("missed")) == (3, 3)


def test_a_report_whose_data_are_gone_opens_and_says_why_it_cannot_be_filtered(
    open_page: Open, db: Database, scored: Run
) -> None:
    report = reports.get_report(db, scored.id)
    cell = Cell(scored.id, "test", ANY)
    matches = [row.match for row in reports.cell(db, cell, limit=1000).rows]
    reports.store_report(db, scored.id, report, {Split.TEST: matches})
    why = facts.complete(db, scored)
    page = open_page("report", run=str(scored.id), filter="seen=0", view="Kinds")
    assert not page.exception
    assert why in [plain(each.value) for each in page.info]


def test_a_queue_of_a_filtered_part_has_its_documents_only(db: Database, scored: Run) -> None:
    cell = Cell(scored.id, "test", "LOC", MISSED, filter=Filter("missed", seen=True))
    name = selection.Selection(selection.Order.CELL, cell=cell).name
    assert selection.parse(name).part == cell
