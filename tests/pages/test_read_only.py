"""A home that can only be read: every page shows what there is and says why nothing is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import settings, store
from storage.database.connection import Database
from storage.errors import ReadOnlyError
from storage.runs import reports, runs
from storage.types import RunState
from tests.pages.conftest import REPORT, Open, plain, said
from tests.readonly import read_only

PAGES = (
    *("home", "data", "tag", "guideline", "talk", "train", "report", "compare", "try", "models"),
    "settings",
)


@pytest.fixture
def readable(
    open_page: Open, make_run, db: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Open pages of a home with a finished run, of which nothing can be changed."""
    run = make_run(RunState.RUNNING)
    reports.store_report(db, run.id, REPORT, {})
    runs.set_state(db, run.id, RunState.DONE)
    # Once as the tester: who cannot read the library cannot load its modules later.
    for name in PAGES:
        open_page(name)
    with read_only(home) as place:
        monkeypatch.setenv("WHETSTONE_HOME", str(place))
        store.database.cache_clear()
        yield open_page
        store.database().close()
        store.database.cache_clear()


def test_every_page_is_shown_and_says_so_and_does_without_what_it_would_remember(
    readable: Open,
) -> None:
    shown = {name: readable(name) for name in PAGES}
    for name, app in shown.items():
        assert not app.error
        assert "can be read but not changed" in plain(app.info[0].value), name
    assert "0.72" in str([metric.value for metric in shown["report"].metric])
    assert "482 documents" in said(shown["home"])
    store.note("last_project", 1)
    with pytest.raises(ReadOnlyError):
        settings.put(store.database(), "last_project", 1)
