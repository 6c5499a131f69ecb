"""Export: what a format cannot hold is said before, and what came back of the file after."""

from __future__ import annotations

import re

from pages.routes.transfers import downloads as served
from storage.database import settings
from storage.database.connection import Database
from storage.transfers.downloads import downloads
from tests.pages.conftest import Open, button, plain, said


def test_an_export_says_what_goes_lost_and_what_came_back(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("data", section="Export")
    assert ":material/info:" in said(app)
    button(app, "Prepare the file").click().run()
    assert not app.exception
    assert re.search(r"written and read back: [\d,]+ equal", plain(app.success[0].value))
    (link,) = [b.proto.body for b in app.get("html") if "ws-download" in b.proto.body]
    address = re.search(r'href="([^"]+)"', link)
    assert address is not None
    id = address[1].removeprefix(served.address(""))
    made = downloads.get(id, settings.annotator(db))
    assert "Download 462 documents" in link
    assert made.name == "Sample-project-all.conll" and made.path.stat().st_size > 1_000
    button(app, "Delete the file").click().run()
    assert not made.path.exists()
    downloads.stop()
