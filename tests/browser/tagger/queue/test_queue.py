"""What the queue is about is selected when a document opens, and one key decides about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.encoding.tokens import tokenize
from storage.cells import SPURIOUS, Cell
from storage.database.connection import Database
from storage.finding.selection import Order, Selection
from storage.runs import reports, runs
from storage.types import Document, ErrorKind, Match, Span, Split
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import Bench, Tagger

pytestmark = pytest.mark.browser
TEXTS = ("Ada met Eve in Bonn.", "Max met Ida in Rome.", "Zoe met Tom in Lima.")
FOUND = (("PER", 0), ("ORG", 8), ("LOC", 15))


@pytest.fixture
def desk(app_server: AppServer, visitor: Visitor) -> Iterator[Bench]:
    """Three documents in which a model suggests three spans each."""
    db = Database.open(f"sqlite:///{app_server.home / 'whetstone.db'}")
    made = [
        Document(text, tokenize(text), spans, name=f"text {number}")
        for number, (text, spans) in enumerate(
            zip(TEXTS, ((), (), (Span(8, 11, "PER"),)), strict=True), start=1
        )
    ]
    desk = Bench.make(app_server, db, visitor, "Cells", made)
    words = [
        (at, text.split()[2 * place].strip("."), label, 0.9)
        for at, text in enumerate(TEXTS)
        for place, (label, _) in enumerate(FOUND)
    ]
    desk.suggest(*words, looked=range(3))
    yield desk
    db.close()


def open_cell(desk: Bench, gold: str, predicted: str, matches: list[Match]) -> Tagger:
    run = runs.create_run(desk.db, desk.project, {}).id
    reports.store_report(desk.db, run, {}, {Split.TEST: matches})
    queue = Selection(Order.CELL, cell=Cell(run, "test", gold, predicted)).name
    address = f"{desk.server.url}/tag?project={desk.project}&queue={queue}"
    first = next(iter(matches))
    place = first.gold or first.predicted
    where = f"&document={first.document}&start={place.start}&end={place.end}"
    return Tagger(desk.visitor.open(address + where)).wait()


def test_what_the_queue_is_about_is_selected_and_decided_by_a_key(desk: Bench) -> None:
    spurious = [Match(id, None, Span(15, 19, "LOC"), ErrorKind.SPURIOUS) for id in desk.ids]
    at = open_cell(desk, SPURIOUS, "LOC", spurious)
    chosen = at.page.locator(".chosen")
    expect(chosen).to_have_attribute("aria-label", "Bonn, suggested LOC, 90 %")
    at.press("Enter")
    at.expect_document("text 2")
    expect(chosen).to_have_attribute("aria-label", "Rome, suggested LOC, 90 %")
    at.press("y")
    at.expect_spans("Rome, LOC")
    at.press("ArrowLeft")
    at.expect_document("text 1")
    expect(chosen).to_have_attribute("aria-label", "Bonn, suggested LOC, 90 %")

    # Of a span with another label, Y means the suggestion for it.
    gold = Span(8, 11, "PER")
    at = open_cell(
        desk, "PER", "ORG", [Match(desk.ids[2], gold, Span(8, 11, "ORG"), ErrorKind.TYPE)]
    )
    expect(at.page.locator(".chosen")).to_have_attribute("aria-label", "Tom, PER")
    at.press("y")
    at.expect_hint("Overlaps “Tom” (PER). Press the key again to replace")
    at.press("y")
    at.expect_spans("Tom, ORG")
