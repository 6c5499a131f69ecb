"""The loop over whole texts and over pairs: from the door on Home to a mended text, by keys."""

import re

import pytest

from engine.corpus.samples import ANSWERS, LETTERS, Sample
from storage import home
from storage.cells import Cell, Only
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import reports, runs
from storage.types import RunKind, RunState, Status
from tests.browser.conftest import Visitor
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import Tagger, settle
from tests.browser.walking import go

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRAINED = 240_000


def labels(db: Database, document: int) -> tuple[set[str], Status]:
    opened = annotations.open_annotation(db, document, home.user_name())
    return {span.label for span in opened.spans}, Status(opened.work.status)


@pytest.mark.parametrize(
    ("button", "sample"),
    [
        pytest.param("Open the sample letters", LETTERS, marks=pytest.mark.long),
        pytest.param("Open the sample answers", ANSWERS, marks=pytest.mark.long),
    ],
    ids=["letters", "answers"],
)
def test_the_loop_over_whole_texts(
    button: str, sample: Sample, app_server: AppServer, visitor: Visitor, db: Database
) -> None:
    page = visitor.open(app_server.url)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("Next step", exact=True)).to_be_visible()
    project = projects.find_project(db, sample.name)
    first, second = documents.list_ids(db, project.id)[:2]

    # Two answers, a key each; the first is taken back and given again.
    go(page, "Tag")
    tagger = Tagger(page).wait()
    tagger.press("1")
    tagger.expect_document("train.jsonl:2")
    tagger.press("z")
    tagger.expect_document("train.jsonl:1")
    tagger.press("2")
    tagger.expect_document("train.jsonl:2")
    tagger.press("1")
    tagger.expect_document("train.jsonl:3")
    tagger.expect_delivered()
    names = list(sample.labels)
    assert labels(db, first) == ({names[1]}, Status.DONE)
    assert labels(db, second) == ({names[0]}, Status.DONE)

    # Train for real, and open what is wrong with the report's first mistake.
    go(page, "Train")
    page.get_by_role("radio", name=re.compile("quick", re.IGNORECASE)).click(force=True)
    expect(page.get_by_role("radio", name=re.compile("quick", re.IGNORECASE))).to_be_checked()
    page.get_by_role("button", name="Start training").click()
    page.get_by_text("Open the report").click(timeout=TRAINED)
    run = next(run for run in runs.list_runs(db, project.id) if run.kind == RunKind.TRAINING)
    assert run.state is RunState.DONE
    wrong = reports.cell(db, Cell(run.id, "test", "", only=Only.ERRORS)).rows[0].match
    cell = Cell(run.id, "test", wrong.gold.label, wrong.predicted.label)
    match = reports.cell(db, cell).rows[0].match
    expect(page.locator(".confusion")).to_be_visible()
    settle(page.locator(".confusion"))
    page.goto(
        f"{app_server.url}/report?run={run.id}&split=test&gold={cell.gold}"
        f"&predicted={cell.predicted}"
    )
    rows = page.locator(".entry")
    expect(rows.first).to_be_visible()

    # Accept what the model says, by a key: the document has another label.
    page.keyboard.press("a")
    accepted = page.locator(".outcome", has_text=re.compile("accepted")).first
    expect(accepted).to_be_visible()
    page.reload()
    expect(accepted).to_be_visible()
    assert labels(db, match.document) == ({match.predicted.label}, Status.DONE)
