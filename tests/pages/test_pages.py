"""Every page renders, says what to do when there is nothing yet, and keeps torch out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.corpus.samples import ENTITIES
from pages.access import pages
from storage.corpus import projects
from storage.database.connection import Database
from tests.pages.conftest import MAIN, Open

ROOT = Path(__file__).resolve().parents[2]
TITLES = {
    "home": "Home",
    "data": "Data",
    "tag": "Tag",
    "guideline": "Guideline",
    "train": "Train",
    "report": "Report",
    "compare": "Compare",
    "review": "Review",
    "try": "Try it",
    "models": "Models",
    "settings": "Settings",
}


@pytest.mark.parametrize("name", TITLES)
def test_every_page_renders_without_a_project(open_page: Open, name: str) -> None:
    app = open_page(name)
    titles = [title.value for title in app.title]
    if name == "home":
        # Who starts for the first time is greeted instead.
        assert titles == []
        assert app.markdown[0].value == "# Label, train, look, mend, train again"
        return
    # These put their title beside a project's queue and runs.
    assert titles == ([] if name in ("tag", "report", "compare") else [TITLES[name]])
    if name not in ("data", "settings"):
        assert [info.value for info in app.info] == ["There is no project yet."]
        (link,) = app.get("page_link")
        assert link.proto.label == "Open a sample project or make your own"


@pytest.mark.long
@pytest.mark.parametrize("name", TITLES)
def test_every_page_renders_the_sample_project(open_page: Open, sample: int, name: str) -> None:
    assert [title.value for title in open_page(name).title] == [TITLES[name]]


@pytest.mark.parametrize("name", TITLES)
def test_every_page_renders_an_empty_project(open_page: Open, db: Database, name: str) -> None:
    projects.create_project(db, "nothing in it")
    assert [title.value for title in open_page(name).title] == [TITLES[name]]


def test_the_first_start_offers_the_sample_project(open_page: Open, db: Database) -> None:
    app = open_page("home")
    button = next(b for b in app.button if b.label == "Open the sample project")
    button.click().run()
    assert projects.find_project(db, ENTITIES.name) is not None
    assert "Next step" in [caption.value for caption in app.caption]


def test_train_says_what_is_missing(open_page: Open, db: Database) -> None:
    projects.create_project(db, "nothing in it")
    app = open_page("train")
    assert "no documents yet" in app.warning[0].value
    assert "Import a file" in [link.proto.label for link in app.get("page_link")]
    assert not any(b.label == "Start training" for b in app.button)


def test_a_base_model_that_is_not_there_is_a_sentence(open_page: Open, sample: int) -> None:
    app = open_page("train")
    app.selectbox(key="base_kind").select("folder").run()
    app.text_input(key="base_folder").input("/nowhere/bert").run()
    next(b for b in app.button if b.label == "Start training").click().run()
    assert "nowhere" in app.error[0].value


def test_hostile_names_are_shown_literally(open_page: Open, db: Database) -> None:
    name = "<img src=x onerror=alert(1)> **bold** :red[x]"
    projects.create_project(db, name)
    app = open_page("home")
    assert any(r"\*\*bold\*\*" in caption.value for caption in app.caption)


def test_the_web_process_never_imports_torch(home: Path) -> None:
    scripts = {page.name: page.script for page in pages.PAGES if page.name in TITLES}
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
import app
from pages.widgets.home import welcome
welcome.open_sample()
test = AppTest.from_file({str(MAIN)!r}, default_timeout=240).run()
for name in {list(TITLES)[1:]!r}:
    test.switch_page({scripts}[name]).run()
    assert not test.exception, test.exception
    assert [title.value for title in test.title] == [{TITLES}[name]], name
heavy = {{"torch", "transformers", "sklearn", "seqeval", "cleanlab"}} & set(sys.modules)
print("heavy:", sorted(heavy))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=480
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("heavy: []")


def test_the_first_labels_are_added(open_page: Open, db: Database) -> None:
    project = projects.create_project(db, "Letters")
    app = open_page("data")
    app.segmented_control(key="section").set_value("Labels").run()
    app.text_input[0].input("PER, ORG")
    next(b for b in app.button if b.label == "Add").click().run()
    assert [label.name for label in projects.list_labels(db, project.id)] == ["PER", "ORG"]
