"""Monitor in a real browser: a file becomes a monitor, its surge an alarm, a click its texts."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.monitors import monitors
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.browser.walking import click_in
from tests.engine import monitored, tiny

pytestmark = pytest.mark.browser
FIRST = 90_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose project has a tiny model; beside it a file with a surge on its last day."""
    folder = tmp_path_factory.mktemp("monitor") / "home"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(folder))
        base = tiny.save_base(tmp_path_factory.mktemp("bert"))
        with closing(Database.open(f"sqlite:///{folder / 'whetstone.db'}")) as db:
            project = projects.create_project(db, "Topics", "classes")
            projects.add_labels(db, project.id, list(monitored.LABELS))
            monitored.train(db, project.id, base)
            settings.put(db, "last_project", project.id)
    start = date(2026, 1, 1)
    rows = [
        f'{start + timedelta(days=day)},"<i>{tiny.CORPUS[n % 9]}</i>"'
        for day in range(50)
        for n in range(3 if day < 49 else 40)
    ]
    (folder.parent / "reviews.csv").write_text("day,review\n" + "\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def server(launch: Launch, home: Path) -> AppServer:
    return launch(ROOT / "app.py", home)


@pytest.mark.long
def test_a_file_becomes_a_monitor_and_an_alarm_opens_its_texts(
    server: AppServer, home: Path, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/monitor")
    page.get_by_role("radio", name="Watch a file or folder").click()
    page.get_by_role("textbox", name="File or folder").fill(str(home.parent / "reviews.csv"))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Make the monitor").click()
    table = page.locator('[data-testid="stDataFrame"] canvas').first
    expect(table).to_be_visible(timeout=FIRST)
    click_in(page.get_by_test_id("stDataFrame").first, 100, 35 + 17)
    expect(page.get_by_role("button", name="Acknowledge")).to_be_visible(timeout=FIRST)
    expect(page.get_by_text("in this list")).to_be_visible(timeout=FIRST)
    expect(page.get_by_text("<i>").first).to_be_visible(timeout=FIRST)
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("button", name="Not known after all")).to_be_visible(timeout=FIRST)
    with closing(Database.open(f"sqlite:///{home / 'whetstone.db'}")) as db:
        (project,) = projects.list_projects(db)
        (made,) = monitors.of_project(db, project.id)
        assert made.told["tested"] and made.watching.date_column == "day"
