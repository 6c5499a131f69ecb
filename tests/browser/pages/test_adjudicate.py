"""Adjudicate in a real browser: places walked and decided by keys alone, and what comes of it."""

import pytest
from playwright.sync_api import Page

from storage.collaboration import adjudication, cases, deciding, thread_lists
from storage.collaboration.cases import Standing
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.knowledge import examples
from storage.types import Project, Span, Status
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import Tagger, resize
from tests.storage.collaboration.versions import labelled

pytestmark = [pytest.mark.browser]
TEXT = "👩‍🚒 Ada met Bob of Acme in דוד Rome ."

ABOVE = """([upper, lower]) =>
    upper.getBoundingClientRect().bottom <= lower.getBoundingClientRect().top + 1"""


def span(words: str, label: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), label)


ADA, BOB, ACME, ROME = (
    span(*each) for each in (("Ada", "PER"), ("Bob", "PER"), ("Acme", "ORG"), ("Rome", "ORG"))
)
WIDE, RTL = span("Bob of Acme", "PER"), span("דוד", "PER")


@pytest.fixture
def project(db: Database) -> Project:
    """Three on one document, who differ in four places; two on a second one."""
    made = projects.create_project(db, "News")
    projects.add_labels(db, made.id, ["PER", "ORG"])
    many = {"<b>ann</b>": (ADA, BOB, ACME, ROME), "ben": (ADA, WIDE), "cyd": (ADA, RTL, BOB)}
    two = {"<b>ann</b>": (ADA,), "ben": (ADA, BOB)}
    given = [labelled(many, TEXT, name="many"), labelled(two, TEXT, name="two")]
    documents.add_documents(db, made.id, given, "imp")
    settings.put(db, "last_project", made.id)
    deciding.set_policy(db, made.id, Policy(Gold.ADJUDICATED))
    return made


def current(page: Page, words: str) -> None:
    """Wait until the place with these words is the one that a key decides."""
    expect(page.locator(".entry.place.current:visible")).to_contain_text(words)


def test_places_are_walked_and_decided_by_keys(
    app_server: AppServer, visitor: Visitor, db: Database, project: Project
) -> None:
    many, two = documents.list_ids(db, project.id)
    page = visitor.open(f"{app_server.url}/adjudicate")
    keys, rows = page.keyboard, page.locator(".entry.place")
    expect(page.locator(".version")).to_have_count(4)
    expect(page.locator(".version").first).to_contain_text("<b>ann</b>")
    expect(rows).to_have_count(3)
    current(page, "Bob of Acme")

    # On a phone the place that the keys reach stands above the desk, and the help is whole.
    resize(page, 390, 500)
    keys.press("j")
    keys.press("j")
    current(page, "Rome")
    for upper, lower in ((".place.current:visible", ".desk"), (".told .hint", ".decisions")):
        both = [page.locator(each).element_handle() for each in (upper, lower)]
        page.wait_for_function(ABOVE, arg=both)
    resize(page, 1280, 800)
    keys.press("k")
    keys.press("k")
    current(page, "Bob of Acme")

    # Enter does not decide what has no majority; a digit takes a side.
    keys.press("Enter")
    expect(page.locator(".hint")).to_contain_text("to decide first: no majority")
    keys.press("b")
    expect(page.locator(".hint")).to_contain_text("They cannot both stand")
    keys.press("1")
    current(page, "דוד")
    # Undo comes back to it, and another side is taken.
    keys.press("z")
    keys.press("k")
    current(page, "Bob of Acme")
    keys.press("2")
    current(page, "דוד")
    keys.press("b")
    current(page, "Rome")
    # What somebody had becomes an example of what the label is not.
    keys.press("x")
    keys.type("a <i>city</i>, b and z")
    keys.press("Enter")
    expect(page.locator(".hint")).to_contain_text("Kept in the guideline as an example of ORG")
    # Edited anew: the tagger stands in the decision, and Escape ends it.
    keys.press("e")
    Tagger(page).wait()
    keys.press("1")
    keys.press("Escape")
    expect(page.locator(".place .outcome").last).to_contain_text("decided anew")
    keys.press("Enter")
    expect(page.locator(".top .why")).to_contain_text("two")

    opened = adjudication.open_document(db, project.id, many)
    rome = Span(ROME.start, ROME.end, "PER")
    assert opened.decision.spans == (ADA, WIDE, RTL, rome)
    assert cases.find(db, project.id)[many].standing is Standing.DECIDED
    gold = documents.get_document(db, many)
    assert (gold.spans, gold.status) == (opened.decision.spans, Status.DONE)
    assert documents.get_document(db, two).spans == (), "nothing is gold that waits"
    ((kept,),) = examples.of_project(db, project.id).values()
    assert (kept.quote, kept.kind, kept.reason) == ("Rome", "negative", "a <i>city</i>, b and z")

    current(page, "Bob")
    # Who is asked is offered behind an "@"; Tab fills the name in.
    keys.press("u")
    keys.type("Is it one? @BE")
    expect(page.locator(".offered button:visible")).to_have_text(["ben"])
    keys.press("Tab")
    expect(page.locator("#aside-text")).to_have_value("Is it one? @ben ")
    keys.press("Enter")
    expect(page.locator(".hint")).to_contain_text("Asked: the question stands in Talk")
    (thread,) = thread_lists.listed(db, project.id)
    assert thread.about.document == two
    assert [each.text for each in thread.comments] == ["Is it one? @ben"]

    keys.press("n")
    keys.press("Enter")
    expect(page.get_by_text("Everything is decided: 2 documents.")).to_be_visible()
    assert documents.get_document(db, two).spans == (ADA,)
