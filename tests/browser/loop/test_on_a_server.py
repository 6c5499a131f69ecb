"""The app on a PostgreSQL server: a mark by mouse, done by a key, one trip to the next document.

The whole loop is gone through there by the long tests beside this one.
"""

import pytest
from playwright.sync_api import Page

from storage import home
from storage.database.connection import Database
from storage.journal import annotations
from storage.types import Status
from tests.browser.loop.test_spans import open_document, spans_of
from tests.browser.tagging import Tagger
from tests.browser.walking import go
from tests.storage.server import needs_postgres

pytestmark = [pytest.mark.browser, needs_postgres]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_what_is_tagged_is_on_the_server_and_there_after_a_reload(page: Page, db: Database) -> None:
    assert db.path is None
    go(page, "Tag")
    tagger = Tagger(page).wait()
    tagger.drag("Tomás", "Herrera")
    tagger.press("1")
    tagger.expect_saved()
    first = open_document(page)
    page.reload()
    tagger.wait()
    tagger.expect_spans("Tomás Herrera, PER")
    tagger.press("Enter")
    tagger.expect_document("train.jsonl:2")
    tagger.expect_delivered()
    assert list(spans_of(db, first)) == ["Tomás Herrera"]
    opened = annotations.open_annotation(db, first, home.user_name())
    assert Status(opened.work.status) is Status.DONE
