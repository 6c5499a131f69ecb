"""The whole loop over spans in a real browser, with real clicks and keys and real training."""

import os
import re
import signal

import pytest
from playwright.sync_api import Page

from engine.runs import snapshot
from storage import home
from storage.cells import Cell
from storage.corpus import projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import reports, runs
from storage.types import Run, RunKind, RunState, Span
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.tagging import Tagger, settle
from tests.browser.walking import cell, go

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRAINED = 240_000
EMOJI_SENTENCE = "🎈 Mara Lindqvist opened a new ferry harbour in Gothenburg."


def start_training(page: Page, epochs: int) -> None:
    """Start a run from the form."""
    go(page, "Train")
    settings = page.get_by_text("Settings of this recipe")
    expect(settings).to_be_visible()
    # What stands open is open only once all of it is drawn.
    settle(settings)
    field = page.get_by_role("spinbutton", name="Epochs")
    if not field.is_visible():
        settings.click()
    field.fill(str(epochs))
    # A press takes the keyboard from the field: what is then said of the new figure must not
    # move the button away from under the pointer.
    page.get_by_role("button", name="Start training").hover()
    page.mouse.down()
    expect(page.get_by_text(f": Epochs {epochs}.")).to_be_visible()
    page.mouse.up()


def newest(db: Database) -> Run:
    """Return the newest training; the suggestions that follow by themselves are left out."""
    return next(run for run in runs.list_runs(db) if run.kind == RunKind.TRAINING)


def wait_until_it_trains(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"epoch 1/.*words/s"))).to_be_visible(timeout=90_000)


def cancel(page: Page) -> None:
    """Cancel the run that is shown, and wait until it says so."""
    page.get_by_role("button", name="Cancel this run").click()
    said = page.get_by_role("paragraph").filter(has_text="Cancelled").first
    expect(said).to_be_visible()


def spans_of(db: Database, document: int) -> dict[str, Span]:
    """Return a document's spans by the text they cover."""
    opened = annotations.open_annotation(db, document, home.user_name())
    return {opened.document.text[s.start : s.end]: s for s in opened.spans}


def open_document(page: Page) -> int:
    return int(re.search(r"document=(\d+)", page.url)[1])


def worst_confusion(db: Database, run: Run) -> tuple[str, str, int]:
    """Return the largest cell beside the diagonal in which both sides name a label."""
    confusion = reports.get_report(db, run.id)["test"]["confusion"]
    labels, counts = confusion["labels"], confusion["counts"]
    pairs = [(g, p, counts[i][j]) for i, g in enumerate(labels) for j, p in enumerate(labels)]
    return max((pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: pair[2])


@pytest.mark.long
def test_the_whole_loop(page: Page, db: Database, app_server: AppServer) -> None:
    # Tag three entities by mouse.
    go(page, "Tag")
    tagger = Tagger(page).wait()
    tagger.drag("Tomás", "Herrera")
    tagger.press("1")
    tagger.double_click("Lima")
    tagger.press("3")
    tagger.drag("Acme", "Robotics", backward=True)
    tagger.press("2")
    tagger.expect_spans("Tomás Herrera, PER", "Lima, LOC", "Acme Robotics, ORG")
    tagger.expect_saved()
    first = open_document(page)
    tagger.press("Enter")

    # Tag two by keyboard, the first right after an emoji.
    tagger.expect_document("train.jsonl:2")
    tagger.press("j", "j", "Shift+J", "1")
    tagger.expect_spans("Mara Lindqvist, PER")
    tagger.press(*["j"] * 7, "3")
    tagger.expect_spans("Mara Lindqvist, PER", "Gothenburg, LOC")
    tagger.expect_saved()
    second = open_document(page)

    # A reload loses nothing, and offsets are code points.
    page.reload()
    tagger.wait()
    tagger.expect_spans("Mara Lindqvist, PER", "Gothenburg, LOC")
    harbour = EMOJI_SENTENCE.index("Gothenburg")
    assert spans_of(db, second) == {
        "Mara Lindqvist": Span(2, 16, "PER"),
        "Gothenburg": Span(harbour, harbour + 10, "LOC"),
    }
    assert set(spans_of(db, first)) == {"Tomás Herrera", "Lima", "Acme Robotics"}

    # Train for real, and open the report.
    start_training(page, epochs=2)
    page.get_by_text("Open the report").click(timeout=TRAINED)
    run = newest(db)
    assert run.state is RunState.DONE

    # Click a confusion cell: it opens as many rows as it says.
    gold, predicted, count = worst_confusion(db, run)
    expect(cell(page, gold, predicted)).to_be_visible()
    settle(cell(page, gold, predicted))
    cell(page, gold, predicted).click(force=True)
    expect(page.get_by_role("heading", name=f"{gold} → {predicted}: {count}")).to_be_visible()
    rows = page.locator(".entry")
    expect(rows).to_have_count(min(count, 20))
    expect(page).to_have_url(re.compile(re.escape(f"gold={gold}&predicted={predicted}")))
    opened = reports.cell(db, Cell(run.id, "test", gold, predicted)).rows[0]

    # Open its first sentence in the tagger, with the cell as the queue, and mend the label.
    page.get_by_role("button", name="Open it on the Tag page (O)").click()
    tagger.wait()
    documents = len(reports.cell_documents(db, Cell(run.id, "test", gold, predicted)))
    expect(page.get_by_text(f"1 of {documents}", exact=True)).to_be_visible()
    quote = opened.text[opened.match.gold.start : opened.match.gold.end]
    key = next(lb.key for lb in projects.list_projects(db)[0].labels if lb.name == predicted)
    tagger.press(key)
    tagger.expect_saved()
    mended = spans_of(db, opened.document)[quote]
    assert (mended.start, mended.end, mended.label) == (
        opened.match.gold.start,
        opened.match.gold.end,
        predicted,
    )

    # The report shows that it was mended; the next run learns from it.
    page.get_by_role("link", name=re.compile("Back to the report: ")).click()
    expect(page.get_by_role("heading", name=f"{gold} → {predicted}: {count}")).to_be_visible()
    told = page.locator(".outcome", has_text=re.compile("accepted|mended since"))
    expect(told.first).to_be_visible()
    go(page, "Home")
    expect(page.get_by_text("mended since run 1: train again")).to_be_visible()
    # Not done before it is seen, and ended here.
    start_training(page, epochs=50)
    wait_until_it_trains(page)
    again = newest(db)
    assert again.id != run.id
    frozen = {d.id: d for d in snapshot.read(home.run_folder(again.folder))}
    assert mended in frozen[opened.document].spans
    cancel(page)


@pytest.mark.long
def test_a_killed_worker_is_shown_as_failed_and_can_be_started_again(
    page: Page, db: Database
) -> None:
    start_training(page, epochs=50)
    wait_until_it_trains(page)
    os.kill(newest(db).pid, signal.SIGKILL)
    failure = page.get_by_text("Failed: the training process died")
    expect(failure).to_be_visible()
    page.get_by_role("button", name="Start again").click()
    wait_until_it_trains(page)
    cancel(page)


@pytest.mark.long
def test_training_survives_the_web_process_and_the_next_one_shows_it_live(
    page: Page, db: Database, app_server: AppServer
) -> None:
    start_training(page, epochs=50)
    wait_until_it_trains(page)
    before = newest(db)
    page.goto("about:blank")
    app_server.kill()
    app_server.start()
    page.goto(f"{app_server.url}/train")
    wait_until_it_trains_on(page)
    after = newest(db)
    assert (after.state, after.pid, after.attempt) == (RunState.RUNNING, before.pid, 1)
    cancel(page)


def wait_until_it_trains_on(page: Page) -> None:
    """Wait for a figure of the run that moves."""
    line = page.get_by_text(re.compile(r"words/s"))
    expect(line).to_be_visible(timeout=90_000)
    shown = line.inner_text()
    expect(line).not_to_have_text(shown, timeout=90_000)
