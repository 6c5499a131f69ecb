"""One left text against its candidates in a real browser: by keys, over pages and texts."""

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page

from storage import home
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import runs, suggestions
from storage.types import Document, DocumentScore, Span
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import Tagger

pytestmark = [pytest.mark.browser, pytest.mark.long]
CARD, RIDE = "Where is my <b>card</b>?", "What does a ride cost?"
FIT, NOT = "match", "no match"


@pytest.fixture
def ids(db: Database) -> list[int]:
    """Twelve candidates of one text, the last the best for a model, and three of another."""
    project = projects.create_project(db, "Help", "pairs")
    projects.add_labels(db, project.id, [FIT, NOT])
    given = [Document(CARD, second_text=f"Card, answer {n}", name=f"{n}") for n in range(12)]
    given += [Document(RIDE, second_text=f"Ride, answer {n}", name="r") for n in range(3)]
    documents.add_documents(db, project.id, given, home.user_name())
    settings.put(db, "last_project", project.id)
    found = documents.list_ids(db, project.id)
    run = runs.create_run(db, project.id, {}).id
    runs.request_cancel(db, run)
    said = [(id, Span(0, 0, FIT, score=0.5 + n / 100)) for n, id in enumerate(found[:12])]
    scores = [DocumentScore(id, 0.5, 0.5, 0.5, None) for id in found[:12]]
    suggestions.store(db, run, said, scores)
    return found


def answers(db: Database, ids: Sequence[int]) -> list[str]:
    """Return the labels of some pairs, and the status of those that have none."""
    opened = (annotations.open_annotation(db, id, home.user_name()) for id in ids)
    return ["".join(s.label for s in each.spans) or str(each.status) for each in opened]


def current(page: Page, text: str) -> None:
    """Wait until the row with this text is the one that a key answers."""
    expect(page.locator(".candidate.current:visible")).to_contain_text(text)


def test_a_left_text_is_answered_row_by_row(
    app_server: AppServer, visitor: Visitor, db: Database, ids: list[int]
) -> None:
    page = visitor.open(f"{app_server.url}/tag")
    Tagger(page).wait()
    page.keyboard.press("v")
    rows, left = page.locator(".candidate"), page.locator(".left-text")
    expect(left).to_have_text(CARD)
    # The pair that was open is the worst: its page comes, and the first is one click away.
    current(page, "Card, answer 0")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("view=candidates"))
    page.get_by_role("button", name="Page before").click()
    current(page, "Card, answer 11")
    expect(rows).to_have_count(10)

    # The line is cut: nothing waits for the server, and nothing is lost.
    page.route("**/api/edits", lambda route: route.abort("internetdisconnected"))
    for key, row in (("1", 10), ("2", 9), ("y", 8), ("n", 7), ("u", 6)):
        page.keyboard.press(key)
        current(page, f"Card, answer {row}")
    page.keyboard.press("z")
    current(page, "Card, answer 7")
    assert answers(db, ids[7:12]) == ["untouched"] * 5
    page.unroute("**/api/edits")
    page.keyboard.press("2")
    for _ in range(5):
        page.keyboard.press("2")
    current(page, "Card, answer 1")
    expect(rows).to_have_count(2)
    Tagger(page).expect_delivered()
    assert answers(db, ids[2:12]) == [NOT] * 6 + ["done", FIT, NOT, FIT]

    # Both of the second page, then the next text, and back by undo.
    page.keyboard.press("1")
    page.keyboard.press("1")
    expect(page.locator(".hint")).to_contain_text("Enter goes on to the next text")
    page.keyboard.press("Enter")
    expect(left).to_have_text(RIDE)
    current(page, "Ride, answer 0")
    expect(page.locator(".left").last).to_have_text("1 text to do")
    page.keyboard.press("z")
    expect(left).to_have_text(CARD)
    current(page, "Card, answer 0")
    page.keyboard.press("2")
    page.keyboard.press("ArrowRight")
    expect(left).to_have_text(RIDE)
    Tagger(page).expect_delivered()
    assert answers(db, ids[:2]) == [NOT, FIT]

    # A pair is shown alone, and the list comes back with a key.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("v")
    expect(page.locator(".reading .second")).to_have_text("Ride, answer 1")
    page.keyboard.press("v")
    current(page, "Ride, answer 1")
    page.reload()
    current(page, "Ride, answer 1")
