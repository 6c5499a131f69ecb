"""What a server says when it starts where it cannot work."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.database.connection import Database
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_a_newer_database_is_refused_in_a_sentence_on_every_page(
    tmp_path: Path, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "newer"
    monkeypatch.setenv("WHETSTONE_HOME", str(home))
    db = Database.open()
    with db.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    before = (home / "whetstone.db").read_bytes()
    server = AppServer(ROOT / "app.py", home)
    server.start(status=503)
    try:
        for path in ("", "train"):
            page = visitor.open(f"{server.url}/{path}")
            expect(page.get_by_test_id("stAlert")).to_contain_text("newer")
            expect(page.get_by_text("Traceback")).to_have_count(0)
    finally:
        server.kill()
    assert (home / "whetstone.db").read_bytes() == before
