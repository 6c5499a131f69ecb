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
from tests.browser.walking import turn

pytestmark = pytest.mark.browser
MARKED = marked(NAUGHTY)
PAGES = (
    *("", "data", "data?section=Labels", "tag", "guideline", "train", "report", "review"),
    *("try", "settings", "notebook", "data?section=Card", "report?only=errors&gold=*"),
    *("models?view=Versions", "models?view=Service"),
)


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """A server whose only project has naughty names wherever a person can give one."""
    home = tmp_path_factory.mktemp("naughty") / "home"
    home.mkdir()
    with closing(Database.open(f"sqlite:///{home / 'whetstone.db'}")) as db:
        fill(db, MARKED, MARKED[0][:100])
    return launch(ROOT / "app.py", home)


def test_every_page_shows_names_texts_notes_and_keys_as_they_are(
    server: AppServer, visitor: Visitor
) -> None:
    name_models(server)
    page = visitor.open(server.url)
    settled(page)
    wrong, titles = [], set()
    for name in PAGES:
        turn(page, name)
        settled(page)
        titles.add(page.get_by_role("heading", level=1).inner_text())
        wrong += [(name, shown) for shown in (*page.evaluate(MADE), *changed(page, MARKED))]
    assert wrong == []
    assert len(titles) == len({name.split("?")[0] for name in PAGES})


def name_models(server: AppServer) -> None:
    """Give naughty notes to a model that is live, and such names to its keys."""
    with closing(Database.open(f"sqlite:///{server.home / 'whetstone.db'}")) as db:
        done = next(run for run in runs.list_runs(db) if run.state is RunState.DONE)
        versions.promote(db, done.id, Stage.LIVE, "d" * 64, "\n".join(MARKED))
        for text in MARKED:
            keys.issue(db, done.project_id, text[:200])
