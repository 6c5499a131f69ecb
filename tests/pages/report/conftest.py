"""A run with a report, and the page that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from storage import home as homes
from storage.database import settings
from storage.database.connection import Database
from storage.runs import runs
from storage.types import Run, RunState
from tests.conftest import furnish
from tests.pages import reported, walked
from tests.pages.conftest import Open, begun, opened, opened_in, plain


@pytest.fixture(scope="session")
def with_report(with_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the sample and a run of it that has a report, made once."""
    place = furnish(tmp_path_factory.mktemp("report") / "home", with_sample)
    with opened_in(place) as db:
        project = settings.get(db, "last_project")
        reported.store(db, project, begun(db, project, RunState.DONE).id)
    return place / "whetstone.db"


@pytest.fixture
def db(home: Path, migrated: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The pages' database, with the run that was scored for who asks for that."""
    asked = request.fixturenames
    wanted = "with_report" if "scored" in asked else "with_sample" if "sample" in asked else ""
    furnish(home, request.getfixturevalue(wanted or "migrated"))
    with opened() as database:
        yield database


@pytest.fixture
def scored(db: Database, sample: int) -> Run:
    """A finished run of the sample with a report: four PER were taken for ORG."""
    (run,) = runs.list_runs(db, sample)
    homes.run_folder(run.folder).mkdir(parents=True)
    return run


class Report:
    """The page of a run, and what is clicked on it as the browser tells of it."""

    def __init__(self, app: AppTest, run: Run) -> None:
        self.app, self.run, self.turn, self.clicks = app, run, 0, 0

    def click(self, table: str, **selection: object) -> Report:
        key = f"{table}-{self.run.id}-test-{self.turn}"
        self.app.session_state[key] = {"selection": {"rows": [], "columns": [], **selection}}
        return self.again()

    def choose(self, gold: str, predicted: str, only: str = "") -> Report:
        """Click in the confusion table."""
        self.clicks += 1
        cell = {"gold": gold, "predicted": predicted, "only": only, "at": self.clicks}
        self.app.session_state[f"confusion-{self.run.id}-test"] = {"cell": cell}
        return self.again()

    def show(self, view: str) -> Report:
        self.app.segmented_control(key="view").set_value(view)
        return self.again()

    def again(self) -> Report:
        self.app.run()
        assert not self.app.exception, self.app.exception
        return self

    @property
    def open(self) -> tuple[str, int]:
        """What is open, and in how many rows."""
        (found,) = [plain(one.value) for one in self.app.subheader]
        return found, len(walked.rows(self.app))

    def mend(self) -> Report:
        """Open the first row on the Tag page."""
        row = walked.rows(self.app)[0]
        walked.ask(self.app, "cell", open={"document": row["document"], **row["given"]})
        return self

    @property
    def part(self) -> dict[str, str]:
        """What the address says of it."""
        query = self.app.query_params
        return {name: query[name] for name in ("gold", "predicted", "only") if name in query}


@pytest.fixture
def page(open_page: Open, scored: Run) -> Report:
    return Report(open_page("report", run=str(scored.id)), scored)
