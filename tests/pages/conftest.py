"""Pages as Streamlit's own test runner sees them, over a real database in a temporary home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.configuration.settings import Settings
from pages.widgets.common.errors import SEAM
from pages.widgets.home import welcome
from storage import home as homes
from storage.database import settings, store
from storage.database.connection import Database
from storage.runs import runs
from storage.types import Run, RunState

MAIN = Path(__file__).resolve().parents[2] / "pages" / "main.py"
Open = Callable[..., AppTest]


# A report as a run leaves it, of one label that nothing went wrong with.
SCORES = {
    "entity": {
        "micro": {"precision": 0.7, "recall": 0.7, "f1": 0.724, "support": 20},
        "macro": {"precision": 0.7, "recall": 0.7, "f1": 0.7, "support": 20},
        "weighted": {"precision": 0.7, "recall": 0.7, "f1": 0.7, "support": 20},
        "labels": {"PER": {"precision": 0.7, "recall": 0.7, "f1": 0.7, "support": 20}},
    },
    "token": {
        "accuracy": 0.9,
        "labels": {},
        **{
            name: {"precision": 0.7, "recall": 0.7, "f1": 0.7, "support": 20}
            for name in ("micro", "macro", "weighted")
        },
    },
    "confusion": {"labels": ["PER"], "counts": [[20, 0], [0, 0]], "exact": [20]},
}
REPORT = {
    **{"dev": None, "test": SCORES, "best_epoch": 1, "epochs": 1, "train_documents": 300},
    "device": "cpu",
}


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


@pytest.fixture
def sample(db: Database) -> int:
    """The sample project, opened."""
    project = welcome.open_sample()
    settings.put(db, "last_project", project)
    return project


@pytest.fixture
def make_run(db: Database, sample: int) -> Callable[..., Run]:
    """Make a run that stands as told, without a worker."""

    def make(state: RunState = RunState.RUNNING, message: str = "", **values: object) -> Run:
        known = {"base": "bundled", **asdict(Settings()), **values}
        run = runs.create_run(db, sample, known)
        homes.run_folder(run.folder).mkdir(parents=True)
        runs.claim_next(db)
        runs.set_state(db, run.id, state, message)
        return runs.get_run(db, run.id)

    return make


def button(app: AppTest, label: str):
    """Find a button by its label."""
    return next(b for b in app.button if b.label == label)


def labels(app: AppTest) -> list[str]:
    """Return the labels of all buttons."""
    return [b.label for b in app.button]


def said(app: AppTest) -> str:
    """Return all captions, warnings and badges as one text, as a person reads them."""
    return "\n".join(plain(e.value) for e in [*app.caption, *app.warning, *app.markdown])


def plain(text: str) -> str:
    """Undo the escapes of Markdown."""
    return text.replace(SEAM, "").replace("\\", "").replace("\u00a0", " ")
