"""What the coach makes of an answer is drawn before it is looked at, or offered: nothing moves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator

from storage.coaching import word_lists
from storage.database.connection import Database
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import Bench, Tagger
from tests.workers import coach as stand_in
from tests.workers.forking import COACH

pytestmark = pytest.mark.browser
TEXTS = ("Ada met Bob.", "Nobody met Ada.", "Ada left.", "Ada came back.")
Desk = Callable[..., Bench]


@pytest.fixture
def desk(
    launch: Launch, visitor: Visitor, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A whole application with a coach that learns at once, or after some seconds."""
    made: list[tuple[Database, AppServer]] = []

    def make(seconds: float = 0.0, **options) -> Bench:
        monkeypatch.setenv(COACH, "tests.workers.coach")
        monkeypatch.setenv(stand_in.SECONDS, str(seconds))
        server = launch(ROOT / "app.py", tmp_path / "home")
        db = Database.open(f"sqlite:///{server.home / 'whetstone.db'}")
        made.append((db, server))
        return Bench.make(server, db, visitor, "News", TEXTS, **options)

    yield make
    for db, server in made:
        db.close()
        server.end()


def open_tag(desk: Bench, document: int = 0) -> Tagger:
    place = f"project={desk.project}&document={desk.ids[document]}&queue=all"
    return Tagger(desk.visitor.open(f"{desk.server.url}/tag?{place}")).wait()


def ready(at: Tagger) -> None:
    expect(at.page.locator(".coach")).to_have_text("Coach: nothing learned yet")


def shows(at: Tagger, part: Locator, text: str) -> None:
    """Wait until a part shows a text; on a machine that is late it is offered, and taken."""
    take_offered(at, part.get_by_text(text))
    expect(part).to_contain_text(text)


def take_offered(at: Tagger, wanted: Locator) -> None:
    """Wait until something is drawn, or offered, which is then taken."""
    offered = at.page.locator(".hint").get_by_role("button", name="Show")
    expect(wanted.or_(offered).first).to_be_visible()
    if offered.is_visible():
        at.press("o")


def drawn(at: Tagger, learned: int) -> None:
    """Wait until what the coach has learned is drawn; on a machine that is late it is taken."""
    documents = "1 document" if learned == 1 else f"{learned} documents"
    expect(at.page.locator(".coach")).to_have_text(f"Coach: learned from {documents}")
    take_offered(at, at.page.locator('.suggestion.first[aria-label="Ada, suggested PER, 90 %"]'))
    at.expect_ghosts("Ada, suggested PER, 90 %")


def test_the_next_document_shows_what_the_coach_learned_from_the_one_before(desk: Desk) -> None:
    at = open_tag(desk())
    ready(at)
    at.label("Ada", "1")
    at.press("Enter")
    expect(at.page.locator(".name")).to_have_text("text 2")
    drawn(at, 1)
    # After mending it is said how many suggestions changed.
    at.press("ArrowLeft")
    expect(at.page.locator(".name")).to_have_text("text 1")
    at.click("Ada")
    at.press("3")
    expect(at.page.locator(".hint")).to_contain_text("3 suggestions changed")
    at.press("Control+z", "ArrowRight")
    expect(at.page.locator(".name")).to_have_text("text 2")
    drawn(at, 1)
    at.press("y")
    at.press("Enter")
    expect(at.page.locator(".name")).to_have_text("text 3")
    # Whoever clicks sooner has touched the document, in which then nothing is exchanged.
    drawn(at, 2)
    at.click("Ada")
    expect(at.page.locator(".card")).to_contain_text(re.compile(r"coach, revision \d+ · 90 %"))


@pytest.mark.long
def test_a_kept_list_is_suggested_in_the_text_that_was_opened_before_the_coach_was_there(
    desk: Desk,
) -> None:
    made = desk(seconds=1.0)
    word_lists.keep(made.db, made.project, "Names <b>", [("Ada", "PER")])
    at = open_tag(made)
    take_offered(at, at.page.locator(".suggestion"))
    at.expect_ghosts("Ada, suggested PER, 90 %")
    line = at.page.locator(".coach")
    expect(line).to_have_text("Coach: suggests words of the list Names <b>")
    at.press("y")
    at.press("Enter")
    expect(line).to_have_text("Coach: learned from 1 document")
    expect(line).to_have_attribute("title", re.compile("words of the list Names <b>, too"))


@pytest.mark.long
def test_what_comes_late_is_offered_and_drawn_by_a_key(desk: Desk) -> None:
    at = open_tag(desk(seconds=1.2))
    ready(at)
    at.label("Ada", "1")
    at.press("Enter")
    expect(at.page.locator(".name")).to_have_text("text 2")
    expect(at.page.locator(".hint")).to_contain_text("1 suggestion changed")
    at.expect_ghosts()
    at.press("o")
    at.expect_ghosts("Ada, suggested PER, 90 %")
    expect(at.page.locator(".hint")).not_to_contain_text("changed")


@pytest.mark.long
def test_of_a_document_that_was_touched_nothing_is_exchanged(desk: Desk) -> None:
    at = open_tag(desk(seconds=1.2))
    ready(at)
    at.label("Ada", "1")
    at.press("Enter")
    expect(at.page.locator(".name")).to_have_text("text 2")
    at.label("Nobody", "2")
    expect(at.page.locator(".coach")).to_have_text("Coach: learned from 1 document")
    at.expect_ghosts()
    expect(at.page.locator(".hint")).not_to_contain_text("changed")


@pytest.mark.long
def test_guesses_appear_once_the_coach_knows_the_answer_before(desk: Desk) -> None:
    at = open_tag(desk(task="classes", labels=("Good", "Bad")))
    ready(at)
    at.press("1")
    expect(at.page.locator(".name")).to_have_text("text 2")
    shows(at, at.page.locator(".guess").first, "Good")
    at.press("2")
    expect(at.page.locator(".name")).to_have_text("text 3")
    shows(at, at.page.locator(".guess").first, "Bad")
