"""Two people in two browsers: they label, differ, decide; what was decided trains; it is noted."""

import pytest

from engine.corpus.samples import ENTITIES
from engine.runs import snapshot
from storage import home
from storage.accounts import accounts
from storage.collaboration import deciding
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.permissions import Role
from storage.types import Document, Span, Split, Status
from tests.browser.conftest import FIRST_PAGE, Visitor
from tests.browser.expecting import expect
from tests.browser.loop.test_spans import TRAINED, newest, start_training
from tests.browser.server import AppServer
from tests.browser.signed_in import enter
from tests.browser.tagging import Tagger
from tests.browser.walking import go

pytestmark = [pytest.mark.browser, pytest.mark.long]
TEXT = "Ada Lovelace left Acme for Lima ."
ADA, ACME, LIMA = Span(0, 12, "PER"), Span(18, 22, "ORG"), Span(27, 31, "LOC")
LESSON = "A firm that stands without its form is a firm all the same."


@pytest.fixture
def project(db: Database) -> int:
    accounts.add(db, "Ada", Role.ADMIN)
    accounts.add(db, "Bob", Role.ANNOTATOR)
    made = projects.create_project(db, "News").id
    projects.add_labels(db, made, list(ENTITIES.labels))
    known = [each for each in ENTITIES.documents() if each.status is Status.DONE]
    text = Document(TEXT, split=Split.TRAIN, name="news:1")
    documents.add_documents(db, made, [text, *known], "Ada")
    return made


def test_what_two_people_decide_trains_the_model_and_stands_in_the_notebook(
    app_server: AppServer, visitor: Visitor, db: Database, project: int
) -> None:
    first = documents.list_ids(db, project)[0]
    keys = {label.name: label.key for label in projects.list_labels(db, project)}

    # Each labels in a browser of their own, in their own name.
    ada = enter(visitor, app_server, db, "Ada", f"tag?document={first}")
    expect(ada.locator(".tagger .name")).to_have_text("news:1", timeout=FIRST_PAGE)
    tagger = Tagger(ada).wait()
    for words, label in (("Ada Lovelace", "PER"), ("Acme", "ORG"), ("Lima", "LOC")):
        tagger.drag(words)
        tagger.press(keys[label])
    tagger.expect_spans("Ada Lovelace, PER", "Acme, ORG", "Lima, LOC")
    tagger.press("Enter")
    tagger.expect_saved()
    bob = enter(visitor, app_server, db, "Bob", f"tag?document={first}")
    expect(bob.locator(".tagger .name")).to_have_text("news:1", timeout=FIRST_PAGE)
    other = Tagger(bob).wait()
    other.click("Acme")
    other.press(keys["LOC"])
    other.expect_spans("Ada Lovelace, PER", "Acme, LOC", "Lima, LOC")
    other.press("Enter")
    other.expect_saved()
    assert set(documents.get_document(db, first).spans) == {ADA, Span(18, 22, "LOC"), LIMA}

    # What was decided is to count: until then the document has no labels.
    go(ada, "Team")
    ada.get_by_text("What was decided", exact=True).click()
    expect(ada.get_by_text("1 document would have no labels that count")).to_be_visible()
    ada.get_by_role("button", name="Let these count").click()
    expect(ada.get_by_text("what was decided", exact=True)).to_be_visible()
    assert deciding.policy(db, project) == Policy(Gold.ADJUDICATED)
    assert documents.get_document(db, first).spans == ()

    # The one place in which they differ is decided by a key.
    ada.goto(f"{app_server.url}/adjudicate")
    expect(ada.locator(".entry.place.current:visible")).to_contain_text("Acme")
    ada.keyboard.press("1")
    ada.keyboard.press("Enter")
    expect(ada.get_by_text("Everything is decided: 1 document.")).to_be_visible()
    assert set(documents.get_document(db, first).spans) == {ADA, ACME, LIMA}

    # That is what the model learns, and the notebook has the round; its lesson is kept.
    start_training(ada, epochs=1)
    ada.get_by_text("Open the report").click(timeout=TRAINED)
    frozen = {each.id: each for each in snapshot.read(home.run_folder(newest(db).folder))}
    assert set(frozen[first].spans) == {ADA, ACME, LIMA}
    go(ada, "Notebook")
    expect(ada.get_by_text("A first model").first).to_be_visible()
    lesson = ada.get_by_role("textbox", name="Lesson").first
    lesson.fill(LESSON)
    lesson.press("Tab")
    expect(ada.get_by_text("Lesson, saved")).to_be_visible()
    go(bob, "Notebook")
    expect(bob.get_by_text(LESSON)).to_be_visible()
