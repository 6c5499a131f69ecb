"""Pages as Streamlit's own test runner sees them, over a real database in a temporary home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets import store
from storage.database import Database

MAIN = Path(__file__).resolve().parents[2] / "pages" / "main.py"
Open = Callable[..., AppTest]


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    """The database that the pages use, too."""
    store.database.cache_clear()
    yield store.database()
    store.database().close()
    store.database.cache_clear()


@pytest.fixture
def open_page(db: Database) -> Open:
    """Open a page by its file name, with query parameters as in its address."""

    def open_page(name: str = "home", **params: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=30)
        for key, value in params.items():
            app.query_params[key] = value
        app.run()
        if name != "home":
            app.switch_page(f"{name}.py").run()
        assert not app.exception, app.exception
        return app

    return open_page
