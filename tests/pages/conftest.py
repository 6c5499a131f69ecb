"""Pages as Streamlit's own test runner sees them, over a real database in a temporary home."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from engine.coach.forkserver import ForkServer
from engine.coach.registry import Coaches
from engine.configuration.settings import Settings
from engine.jobs import kinds
from engine.tasks.spans.metrics.levels import to_scores
from pages.access import pages
from pages.coaching import coach
from pages.widgets.common.errors import SEAM
from pages.widgets.home import welcome
from pages.widgets.uploading import zone
from storage import home as homes
from storage.database import settings, store
from storage.database.connection import Database
from storage.runs import runs
from storage.transfers.uploads import uploads
from storage.types import Run, RunKind, RunState
from tests.conftest import furnish

MAIN = Path(__file__).resolve().parents[2] / "pages" / "main.py"
Open = Callable[..., AppTest]
# A page may have to wait for a model, or for the machine; its own limit is three seconds.
TIMEOUT = 240.0


# A report as a run leaves it, of one label that nothing went wrong with.
LEVELS = {
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
REPORT: dict[str, Any] = {
    **{"dev": None, "test": to_scores(LEVELS), "best_epoch": 1},
    **{"epochs": 1, "train_documents": 300},
    "device": "cpu",
}


def wait_for_script(runner: LocalScriptRunner, timeout: float = TIMEOUT) -> None:
    """Wait until a script has ended. Streamlit's own waiting looks a thousand times a second, and
    each look takes the interpreter from the script."""
    if runner._script_thread:
        runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        runner.join()
        raise RuntimeError(f"The page's script ran for more than {timeout} seconds.")


local_script_runner.require_widgets_deltas = wait_for_script


@contextmanager
def opened() -> Iterator[Database]:
    """The database that pages use in the home folder of now."""
    store.database.cache_clear()
    yield store.database()
    store.database().close()
    store.database.cache_clear()


@contextmanager
def opened_in(home: Path) -> Iterator[Database]:
    """The database that pages use in a home folder that is not the test's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(home))
        with opened() as db:
            yield db


@pytest.fixture(scope="session")
def with_sample(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file in which the sample project was opened, once for all tests."""
    home = furnish(tmp_path_factory.mktemp("sample") / "home", migrated)
    with opened_in(home) as db:
        settings.put(db, "last_project", welcome.open_sample())
    return home / "whetstone.db"


@pytest.fixture
def db(home: Path, migrated: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The database that the pages use, too; the sample project is in it for who asks for that."""
    wanted = "sample" in request.fixturenames
    furnish(home, request.getfixturevalue("with_sample") if wanted else migrated)
    with opened() as database:
        yield database


@pytest.fixture
def sample(db: Database) -> int:
    """The sample project, opened."""
    return settings.get(db, "last_project")


@pytest.fixture(scope="session")
def components() -> BidiComponentManager:
    """What a server knows of its components: looking for them among all packages takes long."""
    manager = BidiComponentManager()
    manager.discover_and_register_components(start_file_watching=False)
    return manager


@pytest.fixture
def open_page(db: Database, components: BidiComponentManager) -> Open:
    """Open a page by its file name, with query parameters as in its address."""

    def open_page(name: str = "home", **params: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=TIMEOUT)
        # Else every session would look for them, where a server does so once.
        app._bidi_component_manager = components
        for key, value in params.items():
            app.query_params[key] = value
        app.switch_page(next(page.script for page in pages.PAGES if page.name == name)).run()
        assert not app.exception, app.exception
        return app

    return open_page


@pytest.fixture
def served(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Coaches]:
    """Coaches of a server, each a process that is there at once."""
    coaches = Coaches(ForkServer((sys.executable, "-m", "tests.workers.coach")))
    monkeypatch.setattr(coach, "coaches", coaches)
    coaches.start()
    yield coaches
    coaches.stop()


@pytest.fixture
def make_run(db: Database, sample: int) -> Callable[..., Run]:
    """Make runs of the sample project."""
    return partial(begun, db, sample)


def begun(
    db: Database,
    project: int,
    state: RunState = RunState.RUNNING,
    message: str = "",
    kind: str = RunKind.TRAINING,
    model_of: int | None = None,
    **values: object,
) -> Run:
    """Make a run that stands as told, without a worker."""
    known = {"base": "bundled", **asdict(Settings()), **values}
    numbered = kinds.get(kind).numbered
    run = runs.create_run(db, project, known, kind, numbered=numbered, model_of=model_of)
    homes.run_folder(run.folder).mkdir(parents=True)
    runs.claim_next(db)
    runs.set_state(db, run.id, state, message)
    return runs.get_run(db, run.id)


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


def drop(app: AppTest, *files: tuple[str, bytes], purpose: str = zone.IMPORT) -> AppTest:
    """Put files into a drop zone (Data's), as the browser does, and run the page."""
    annotator = settings.annotator(store.database())
    batch = uploads.begin(annotator, purpose)
    numbers = uploads.announce(batch, annotator, [(name, len(data)) for name, data in files])
    for number, (_, data) in zip(numbers, files, strict=True):
        uploads.open(batch, annotator, number, 0).write(data)
    turn = app.session_state.get("imports", 0)
    key = f"uploads-{turn}" if purpose == zone.IMPORT else f"uploads-{purpose}-0"
    told = {"batch": batch, "ready": True, "files": len(files), "last": len(files)}
    app.session_state[key] = {"uploaded": told}
    return app.run()
