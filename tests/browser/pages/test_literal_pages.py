"""Every page, of a project in which each name and each text is naughty: shown as it is."""

from __future__ import annotations

from contextlib import closing

import pytest

from storage.database.connection import Database
from storage.runs import runs
from storage.serving import keys, versions
from storage.types import RunState, Stage
from tests.browser.conftest import Launch, Visitor
from tests.browser.naughty import NAUGHTY
from tests.browser.naughty_home import MADE, changed, fill, marked, settled
from tests.browser.server import ROOT, AppServer

pytestmark = pytest.mark.browser
MARKED = marked(NAUGHTY)
PAGES = (
    *("", "data", "data?section=Labels", "tag", "guideline", "train", "report", "review"),
    *("try", "settings", "notebook", "data?section=Card"),
)


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """A server whose only project has naughty names wherever a person can give one."""
    home = tmp_path_factory.mktemp("naughty") / "home"
    home.mkdir()
    with closing(Database.open(f"sqlite:///{home / 'whetstone.db'}")) as db:
        fill(db, MARKED, MARKED[0][:100])
    return launch(ROOT / "app.py", home)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_names_and_texts_as_they_are(
    name: str, server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/{name}")
    settled(page)
    assert page.evaluate(MADE) == []
    assert changed(page, MARKED) == []


def test_a_cell_of_the_report_shows_its_sentences_as_they_are(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/report?only=errors&gold=*")
    settled(page)
    assert page.evaluate(MADE) == []
    assert changed(page, MARKED) == []


def test_notes_of_models_and_names_of_keys_are_shown_as_they_are(
    server: AppServer, visitor: Visitor
) -> None:
    with closing(Database.open(f"sqlite:///{server.home / 'whetstone.db'}")) as db:
        done = next(run for run in runs.list_runs(db) if run.state is RunState.DONE)
        versions.promote(db, done.id, Stage.LIVE, "d" * 64, "\n".join(MARKED))
        for text in MARKED:
            keys.issue(db, done.project_id, text[:200])
    for view in ("Versions", "Service"):
        page = visitor.open(f"{server.url}/models?view={view}")
        settled(page)
        assert page.evaluate(MADE) == []
        assert changed(page, MARKED) == []
