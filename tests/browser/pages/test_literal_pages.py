"""Every page, of a project in which each name and each text is naughty: shown as it is."""

from __future__ import annotations

import copy
import json
from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import Document, ErrorKind, Match, RunState, Source, Span, Split, Status
from tests.browser.conftest import Launch, Visitor
from tests.browser.naughty import NAUGHTY
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import settle
from tests.pages.conftest import REPORT

pytestmark = pytest.mark.browser
# So that each can be found in a page's text: nothing else ends like this.
MARKED = [f"{text} ⁂{n}⁂" for n, text in enumerate(NAUGHTY)]
PAGES = ("", "data", "tag", "guideline", "train", "report", "review", "try", "settings")
MADE = """() => [...document.querySelectorAll(
        'a[href*="x.example"], img[src*="x.example"], [data-testid=stException]')]
    .map((element) => element.outerHTML)"""
# What each element shows by itself; of nested ones the innermost.
SHOWN = """() => [...document.querySelectorAll('*')]
    .filter((e) => e.textContent.includes('⁂')
        && ![...e.children].some((child) => child.textContent.includes('⁂'))
        && !e.closest('style, script'))
    .map((e) => e.closest('[data-testid=stMarkdownContainer]')?.innerText ?? e.textContent)"""


@pytest.fixture(scope="module")
def server(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """A server whose only project has naughty names wherever a person can give one."""
    home = tmp_path_factory.mktemp("naughty") / "home"
    home.mkdir()
    with closing(Database.open(f"sqlite:///{home / 'whetstone.db'}")) as db:
        _fill(db)
    return launch(ROOT / "app.py", home)


def _fill(db: Database) -> None:
    settings.put(db, "annotator", MARKED[9])
    project = projects.create_project(db, MARKED[0][:100])
    made = projects.add_labels(db, project.id, MARKED[:9])
    for label, text in zip(made, MARKED[9:], strict=False):
        projects.update_label(db, replace(label, description=text))
    documents.add_documents(
        db,
        project.id,
        [
            Document(
                text,
                spans=(Span(0, 1, MARKED[n % 9]),),
                split=list(Split)[n % 3],
                status=Status.DONE,
                name=text,
                group=text,
            )
            for n, text in enumerate(MARKED)
        ],
        MARKED[9],
    )
    failed = runs.create_run(db, project.id, {"base": MARKED[4], "recipe": "quick"})
    runs.set_state(db, failed.id, RunState.FAILED, MARKED[5])
    _report(db, project.id, runs.create_run(db, project.id, {"base": "bundled"}).id)


def _report(db: Database, project: int, run: int) -> None:
    """Store a report in which every label was taken for the next one, once."""
    labels, known = MARKED[:9], documents.list_ids(db, project)
    report = json.loads(json.dumps(copy.deepcopy(REPORT)))
    scores = report["test"]
    figures = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    for table in scores["tables"]:
        table["rows"] = [{"name": name, "label": name, **figures} for name in labels]
    size = len(labels) + 1
    counts = [[0] * size for _ in range(size)]
    matches = []
    for n, label in enumerate(labels):
        other = labels[(n + 1) % len(labels)]
        counts[n][(n + 1) % len(labels)] = 1
        gold = Span(0, 1, label)
        taken = Span(0, 1, other, source=Source.MODEL)
        matches.append(Match(known[n], gold, taken, ErrorKind.TYPE))
    scores["confusion"] = {"labels": labels, "counts": counts, "exact": [0] * len(labels)}
    reports.store_report(db, run, report, {Split.TEST: matches})
    runs.set_note(db, run, MARKED[2])
    runs.set_state(db, run, RunState.DONE)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_names_and_texts_as_they_are(
    name: str, server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/{name}")
    _settle(page)
    assert page.evaluate(MADE) == []
    changed = [shown for shown in page.evaluate(SHOWN) if not _whole(shown)]
    assert changed == []


def test_a_cell_of_the_report_shows_its_sentences_as_they_are(
    server: AppServer, visitor: Visitor
) -> None:
    page = visitor.open(f"{server.url}/report?only=errors&gold=*")
    _settle(page)
    assert page.evaluate(MADE) == []
    assert [shown for shown in page.evaluate(SHOWN) if not _whole(shown)] == []


def _settle(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
    settle(page.get_by_test_id("stMainBlockContainer"))


def _whole(shown: str) -> bool:
    """Tell whether each marked text in what is shown is there with all its signs."""
    flat = " ".join(shown.replace("\u00a0", " ").split())
    return all(
        " ".join(text.split()) in flat or text.rsplit(" ", 1)[1] not in flat for text in MARKED
    )
