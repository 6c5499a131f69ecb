"""Duplicates on the Data page: offered, followed, listed, those across splits in red."""

from types import SimpleNamespace

import pytest

from engine.corpus.duplicates import Group
from engine.inspection.duplicates import Duplicates
from engine.transfers.duplicates import KIND, Search
from engine.transfers.registry import transfers
from engine.transfers.state import Phase, State
from storage.corpus import documents
from storage.database import settings
from storage.database.connection import Database
from tests.pages.conftest import Open, button, said


def test_a_search_is_begun_and_what_it_found_is_listed(
    db: Database, sample: int, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list = []

    def begin(about, order, at_end=None) -> None:
        begun.append((about, order))

    monkeypatch.setattr(transfers, "begin", begin)
    app = open_page("data", section="Duplicates")
    assert "makes a report look better" in said(app)
    button(app, "Look for duplicates").click().run()
    assert begun[0][1] == Search(sample)

    one, two = documents.list_ids(db, sample)[:2]
    groups = (
        Group((one, two), 7, ("train", "test"), 0.8, exact=False),
        Group((two,), 2, ("dev",), 1.0, exact=True),
    )
    found = Duplicates(300, 7, 1, 2, groups, newest=documents.newest_id(db, sample))
    known = SimpleNamespace(about=begun[0][0], state=State(Phase.DONE, result=found), id="1")
    owned = lambda owner, kind: [known] if kind == KIND else []  # noqa: E731
    monkeypatch.setattr(transfers, "of", owned)
    app = open_page("data", section="Duplicates")
    assert not app.exception and settings.annotator(db) == begun[0][0].owner
    assert "1 group" in app.error[0].value
    text = said(app)
    assert "**7** at least 80% alike :red-badge[in train and test]" in text
    assert "**2** the same :gray-badge[in dev]" in text and "… and 5 more" in text
