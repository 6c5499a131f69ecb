"""A run with a report, and the page that shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from storage.database.connection import Database
from storage.types import Run, RunState
from tests.pages import reported, walked
from tests.pages.conftest import Open, plain


@pytest.fixture
def scored(db: Database, sample: int, make_run: Callable[..., Run]) -> Run:
    """A finished run of the sample with a report: four PER were taken for ORG."""
    run = make_run(RunState.DONE)
    reported.store(db, sample, run.id)
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
