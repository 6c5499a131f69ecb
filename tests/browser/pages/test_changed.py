"""What is weighed or learned anew while a page is open: it is said, and moves nothing by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page

from storage import home
from storage.coaching import coach_run
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.runs import suggestions
from storage.runs.suggestions import Said
from storage.types import Document, DocumentScore, Source, Span
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.engine.coach.renewal.checked import checked
from tests.engine.coach.renewal.test_renewer import CITIES, places, written

pytestmark = pytest.mark.browser
SECONDS = 40_000


def rows_of(page: Page) -> list[tuple[str, object]]:
    """Return what each row shows, and where it is."""
    return [(each.inner_text(), each.bounding_box()) for each in page.locator(".entry").all()]


def test_a_label_mended_in_one_tab_is_said_in_the_other_and_nothing_moves(
    app_server: AppServer, visitor: Visitor, db: Database
) -> None:
    project = projects.create_project(db, "Cities").id
    documents.add_documents(db, project, [written(n) for n in range(5 * len(CITIES))], "ada")
    settings.put(db, "last_project", project)
    checked(db, project, places)
    page = visitor.open(f"{app_server.url}/review?view=Suspects")
    expect(page.locator(".entry").nth(4)).to_contain_text("In Ulm")
    page.locator(".entry").nth(4).click()
    expect(page.locator(".entry").nth(4)).to_have_attribute("aria-current", "true")
    before = rows_of(page)

    other = visitor.open(f"{app_server.url}/review?view=Suspects")
    other.locator(".entry").first.click()
    for number in range(3):
        other.keyboard.press("a")
        outcome = other.locator(".entry").nth(number).locator(".outcome")
        expect(outcome).to_have_text("accepted")
    expect(other.locator(".saved")).to_contain_text("Saved")
    page.bring_to_front()
    said = page.get_by_role("button", name=re.compile("suspects? changed · Show"))
    expect(said).to_be_visible(timeout=SECONDS)
    assert rows_of(page) == before

    page.keyboard.press("Alt+o")
    current = page.locator(".entry[aria-current=true]")
    expect(current).to_contain_text("place in 3 of 4 other places")
    expect(current).to_contain_text("In Ulm it rained 16")
    expect(said).to_be_hidden()


@pytest.mark.long
def test_what_is_suggested_for_pairs_meanwhile_exchanges_no_candidate(
    app_server: AppServer, visitor: Visitor, db: Database
) -> None:
    project = projects.create_project(db, "Help", "pairs").id
    projects.add_labels(db, project, ["match", "no match"])
    given = [Document("Where is it?", second_text=f"Answer {n}") for n in range(4)]
    documents.add_documents(db, project, given, home.user_name())
    settings.put(db, "last_project", project)
    ids = documents.list_ids(db, project)
    suggest(db, project, ids)
    page = visitor.open(f"{app_server.url}/tag?view=candidates")
    rows = page.locator(".candidate")
    expect(rows.first).to_contain_text("Answer 0")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")

    suggest(db, project, ids[::-1])
    said = page.get_by_role("button", name="4 suggestions changed · Show")
    expect(said).to_be_visible()
    # The page runs again, and exchanges nothing either.
    page.keyboard.press("v")
    expect(page.locator(".reading .second")).to_have_text("Answer 1")
    page.keyboard.press("v")
    expect(rows.first).to_contain_text("Answer 0")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    said.click()
    expect(rows.first).to_contain_text("Answer 3")
    expect(page.locator(".candidate.current")).to_contain_text("Answer 1")


def suggest(db: Database, project: int, best_first: Sequence[int]) -> None:
    """Let a model say that pairs match, of each less surely than of the one before."""
    said = [
        Said(
            DocumentScore(id, 0.5, 0.5, 0.5, None),
            (Span(0, 0, "match", source=Source.MODEL, score=0.9 - n / 10),),
        )
        for n, id in enumerate(best_first)
    ]
    suggestions.put(db, coach_run.ensure(db, project), said)
