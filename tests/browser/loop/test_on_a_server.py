"""The app on a PostgreSQL server: a mark by mouse, done by a key, one trip to the next document.

The whole loop is gone through there by the long tests beside this one.
"""

import pytest

from storage.database.connection import Database
from storage.types import Status
from tests.browser.conftest import Visitor
from tests.browser.server import AppServer
from tests.browser.tagging import Bench, Tagger
from tests.storage.server import needs_postgres

pytestmark = [pytest.mark.browser, needs_postgres]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_what_is_tagged_is_on_the_server_and_there_after_a_reload(
    app_server: AppServer, visitor: Visitor, db: Database
) -> None:
    assert db.path is None
    desk = Bench.make(app_server, db, visitor, "Letters", ["Tomás Herrera left.", "So did Ada."])
    tagger = Tagger(visitor.open(f"{app_server.url}/tag?project={desk.project}")).wait()
    tagger.drag("Tomás", "Herrera")
    tagger.press("1")
    tagger.expect_saved()
    tagger.page.reload()
    tagger.wait()
    tagger.expect_spans("Tomás Herrera, PER")
    tagger.press("Enter")
    tagger.expect_document("text 2")
    tagger.expect_delivered()
    assert desk.stored() == ["Tomás Herrera, PER"]
    assert desk.annotation().status is Status.DONE
