"""A project in which each name and each text is naughty, and how a page is looked at for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import replace

from playwright.sync_api import Page

from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import Document, ErrorKind, Match, RunState, Source, Span, Split, Status
from tests.browser.expecting import expect
from tests.browser.tagging import settle
from tests.pages.conftest import REPORT

# How many of the texts are labels, too; the one behind them is the annotator's name.
LABELS = 9
# What a page must not make of them.
MADE = """() => [...document.querySelectorAll(
        'a[href*="x.example"], img[src*="x.example"], [data-testid=stException]')]
    .map((element) => element.outerHTML)"""
# What each element shows by itself; of nested ones the innermost.
SHOWN = """() => [...document.querySelectorAll('*')]
    .filter((e) => e.textContent.includes('⁂')
        && ![...e.children].some((child) => child.textContent.includes('⁂'))
        && !e.closest('style, script'))
    .map((e) => e.closest('[data-testid=stMarkdownContainer]')?.innerText ?? e.textContent)"""


def marked(texts: Sequence[str], first: int = 0) -> list[str]:
    """Give each text an end by which it is found in a page: nothing else ends like this."""
    return [f"{text} ⁂{n}⁂" for n, text in enumerate(texts, first)]


def fill(db: Database, texts: Sequence[str], name: str) -> int:
    """Make a project that has naughty names wherever a person can give one; return its id."""
    settings.put(db, "annotator", texts[LABELS])
    project = projects.create_project(db, name)
    made = projects.add_labels(db, project.id, list(texts[:LABELS]))
    for label, text in zip(made, texts[LABELS:], strict=False):
        projects.update_label(db, replace(label, description=text))
    documents.add_documents(
        db,
        project.id,
        [
            Document(
                text,
                spans=(Span(0, 1, texts[n % LABELS]),),
                split=list(Split)[n % 3],
                status=Status.DONE,
                name=text,
                group=text,
            )
            for n, text in enumerate(texts)
        ],
        texts[LABELS],
    )
    failed = runs.create_run(db, project.id, {"base": texts[4], "recipe": "quick"})
    runs.set_state(db, failed.id, RunState.FAILED, texts[5])
    report(db, project.id, texts, runs.create_run(db, project.id, {"base": "bundled"}).id)
    return project.id


def report(db: Database, project: int, texts: Sequence[str], run: int) -> None:
    """Store a report in which every label was taken for the next one, once."""
    labels, known = texts[:LABELS], documents.list_ids(db, project)
    told = json.loads(json.dumps(copy.deepcopy(REPORT)))
    scores = told["test"]
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
    reports.store_report(db, run, told, {Split.TEST: matches})
    runs.set_note(db, run, texts[2])
    runs.set_state(db, run, RunState.DONE)


def settled(page: Page) -> None:
    """Wait until a page is there and stands still."""
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
    settle(page.get_by_test_id("stMainBlockContainer"))


def changed(page: Page, texts: Sequence[str]) -> list[str]:
    """Return what a page shows of the texts otherwise than as they are."""
    return [shown for shown in page.evaluate(SHOWN) if not _whole(shown, texts)]


def _whole(shown: str, texts: Sequence[str]) -> bool:
    """Tell whether each marked text in what is shown is there with all its signs."""
    flat = " ".join(shown.replace("\u00a0", " ").split())
    return all(
        " ".join(text.split()) in flat or text.rsplit(" ", 1)[1] not in flat for text in texts
    )
