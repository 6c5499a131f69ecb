"""Try it in a real browser: a sentence, the next one, a file out; and the sidebar's sign."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from playwright.sync_api import FilePayload

from engine.configuration.settings import Settings
from engine.models import loading
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import RunState
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import settle
from tests.engine import tiny
from tests.pages.conftest import REPORT

pytestmark = pytest.mark.browser
LABELS = ("PER", "LOC")
FIRST = 90_000
WORDS = """text => {
    const words = text.cloneNode(true);
    for (const label of words.querySelectorAll("small")) label.remove();
    return words.textContent;
}"""


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """A server whose project has a finished run with a tiny model that marks something."""
    folder = tmp_path_factory.mktemp("try") / "home"
    folder.mkdir()
    db = Database.open(f"sqlite:///{folder / 'whetstone.db'}")
    project = projects.create_project(db, "Letters")
    projects.add_labels(db, project.id, list(LABELS))
    run = runs.create_run(db, project.id, {"base": "bundled", "recipe": "quick"})
    _make_model(folder / "runs" / run.folder, tmp_path_factory.mktemp("bert"))
    reports.store_report(db, run.id, REPORT, {})
    runs.set_state(db, run.id, RunState.DONE)
    db.close()
    return launch(ROOT / "app.py", folder)


def _make_model(run: Path, base: Path) -> None:
    loaded = loading.load_base(tiny.save_base(base), LABELS)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
        # Whatever chance made of the rest, no word is outside of every span.
        loaded.model.classifier.bias[0] = -1000
    run.mkdir(parents=True)
    asked = Settings(max_length=24, stride=8)
    spec.write(run, RunSpec(1, 1, "Letters", LABELS, str(base), asked, folder=run.name))
    checkpoints.write_whole(run / MODEL, lambda draft: loading.save(loaded, draft))


def test_a_sentence_is_labelled_and_the_next_by_a_key(server: AppServer, visitor: Visitor) -> None:
    page = visitor.open(f"{server.url}/try")
    # A sentence by mouse; the model is loaded meanwhile.
    sentence = page.get_by_label("Text", exact=True)
    sentence.fill("Ada met <b>nobody</b> in Paris.")
    page.get_by_role("button", name="See what the model says").click()
    text = page.locator(".ws-text")
    expect(text).to_contain_text("Ada", timeout=FIRST)
    # A random model may label each bracket by itself: read the words without their labels.
    assert text.evaluate(WORDS).startswith("Ada met <b>nobody</b> in Paris.")
    expect(text.locator(".ws-span").first).to_be_visible()
    # The next by keyboard.
    sentence.fill("Emmy went to São Paulo.")
    page.keyboard.press("Control+Enter")
    expect(text).to_contain_text("Emmy")


@pytest.mark.long
def test_a_file_comes_in_and_a_labelled_file_goes_out(server: AppServer, visitor: Visitor) -> None:
    page = visitor.open(f"{server.url}/try")
    page.get_by_role("radio", name="A file").click()
    letters: FilePayload = {
        "name": "letters.txt",
        "mimeType": "text/plain",
        "buffer": b"Ada slept.\nIn Ulm.\n",
    }
    page.get_by_label("File", exact=True).set_input_files(letters)
    page.get_by_role("button", name="Label 2 documents").click()
    labelled = page.get_by_role("button", name="Download 2 labelled documents")
    expect(labelled).to_be_visible(timeout=FIRST)
    with page.expect_download() as download:
        labelled.click()
    rows = download.value.path().read_text("utf-8").split("\n")
    assert download.value.suggested_filename == "letters-labelled.conll"
    assert [row.split("\t")[0] for row in rows if row][:3] == ["Ada", "slept", "."]
    assert "Ulm" in {row.split("\t")[0] for row in rows}


@pytest.mark.long
def test_the_sign_leads_to_the_report_and_moves_nothing(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/settings")
    sign = page.get_by_test_id("stSidebar").get_by_role("link", name="Run 1 is done: F1 0.72")
    expect(sign).to_be_visible()
    above = page.get_by_role("button", name="New project")
    settle(above)
    before = above.bounding_box()
    sign.click()
    expect(page.get_by_role("heading", name="Report", level=1)).to_be_visible()
    expect(sign).to_have_count(0)
    settle(above)
    assert above.bounding_box() == before
    expect(page).to_have_url(re.compile("run=1"))
