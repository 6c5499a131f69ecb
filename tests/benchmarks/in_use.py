"""How a large home is in use: pages, searches, saves while a training starts, memory.

    python -m tests.benchmarks.in_use HOME [--project NAME] [--rounds N] [--json]

Starts the app as ``make run`` does on a home that is there (made by ``files``; it is edited, so
give it a copy), and drives a real Chromium and the routes. Wall-clock milliseconds. *First* is a
page's first show in the life of the web process, in a browser that already runs; *change* a click
in the menu. A search is typed on the Data page; a save is an edit sent to the route and answered,
one after the other for as long as a training of the project freezes its documents and begins.

Beside the times stands how long a fixed loop took before and after: on a machine that does nothing
else both are the same, and others' work makes them longer.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from pages.routes import gate
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.finding import queues
from storage.finding.selection import Order, Selection
from storage.journal import annotations as journal
from storage.types import Project
from tests.benchmarks.pages import ROOT, engine, wait_for_page
from tests.browser.server import AppServer, find_chromium

PAGES = {
    "Home": "",
    "Data": "data?section=Documents",
    "Tag": "tag",
    "Guideline": "guideline",
    "Train": "train",
    "Report": "report",
    "Compare": "compare",
    "Review": "review",
    "Try it": "try",
    "Settings": "settings",
}
ABSENT = "nothing holds this"
FIRST_MS, CHANGE_MS, SAVE_MS, SEARCH_MS, MEMORY_MB = 2_000, 500, 100, 300, 500
SAVES, FREEZING_SECONDS = 200, 240
PAUSE = 0.05
_numbers = count(1)


def milliseconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def fixed_loop() -> float:
    """Return the milliseconds of a loop that is always the same: how busy the machine is."""
    return milliseconds(lambda: sum(number * number for number in range(3_000_000)))


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def first_shows(browser: Browser, server: AppServer) -> dict[str, float]:
    """Open every page once, each as its own address, in a browser context of its own."""
    found = {}
    for title, path in PAGES.items():
        page = browser.new_context().new_page()
        found[title] = milliseconds(partial(_open, page, server, path, title))
        page.context.close()
    return found


def _open(page: Page, server: AppServer, path: str, title: str) -> None:
    page.goto(f"{server.url}/{path}")
    wait_for_page(page, title)
    if title == "Tag":
        page.locator(".block, .whole").first.wait_for()


def changes(page: Page, rounds: int) -> dict[str, list[float]]:
    """Click through the menu, so many times."""
    times: dict[str, list[float]] = {title: [] for title in PAGES}

    def click(title: str) -> None:
        link = page.get_by_test_id("stSidebarNavLink").get_by_text(title, exact=True)
        link.click()
        wait_for_page(page, title)

    for _ in range(rounds):
        for title in [*list(PAGES)[1:], "Home"]:
            times[title].append(milliseconds(partial(click, title)))
    return times


def words_of(db: Database, project: Project, number: int = 6) -> list[str]:
    """Return words of the project's texts, and what nearly all and none of them hold."""
    draw = random.Random(13)
    ids = draw.sample(range(len(known := documents.list_ids(db, project.id))), number)
    texts = [documents.get_document(db, known[at]).text for at in ids]
    return [*dict.fromkeys(draw.choice(text.split() or ["a"]) for text in texts), "e", ABSENT]


def searches(page: Page, server: AppServer, words: Sequence[str]) -> dict[str, float]:
    """Type words into the search of the Data page, until what is found is said."""
    _open(page, server, PAGES["Data"], "Data")
    box = page.get_by_placeholder("Text or name of a document")

    def search(wanted: str) -> None:
        box.fill(wanted)
        box.press("Enter")
        said = "No document" if wanted == ABSENT else f"“{wanted}”"
        page.get_by_text(said).first.wait_for()
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")

    return {wanted: milliseconds(partial(search, wanted)) for wanted in words}


class Saver:
    """Sends edits to the save route, as the tagger does: one at a time, each of one document."""

    def __init__(self, server: AppServer, db: Database, project: Project):
        self._server, self._db, self._project = server, db, project
        self._annotator = settings.annotator(db)
        self._token = gate.sign(self._annotator, project.id)
        to_do = queues.choose(db, project.id, Selection(Order.TODO)).ids[:1_000]
        self._ids = list(to_do) or documents.list_ids(db, project.id)[:1_000]

    def save(self) -> float:
        """Flag a document that is to do, or take the flag away; return the milliseconds."""
        # Faster than any person, and below the pace at which the server refuses a browser.
        time.sleep(PAUSE)
        number = next(_numbers)
        document = self._ids[number % len(self._ids)]
        opened = journal.open_annotation(self._db, document, self._annotator)
        operation = {
            **{"seq": number, "base_revision": opened.revision},
            **{"kind": "flag", "flagged": not opened.work.flagged},
        }
        body = {"document": document, "client": f"bench-{os.getpid()}", "operations": [operation]}
        return milliseconds(lambda: self.ask("edits", body))

    def find(self, quote: str) -> float:
        """Ask where else a string stands, as after every label; return the milliseconds."""
        fields = {"document": self._ids[0], "quote": quote, "label": self._project.labels[0].name}
        return milliseconds(lambda: self.ask("find", fields))

    def ask(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Call a route of ours; raises HTTPError where it does not answer 200."""
        data = json.dumps({"token": self._token, **fields}).encode()
        headers = {"Content-Type": "application/json", "Origin": self._server.url}
        request = urllib.request.Request(f"{self._server.url}/api/{name}", data, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def starting(server: AppServer, project: Project) -> Iterator[Callable[[], bool]]:
    """Start a training of all that is done; yield what tells whether it still prepares."""
    command = engine(server, "train", "--project", project.name, "--recipe", "quick", "--json")
    end = time.monotonic() + FREEZING_SECONDS

    def prepares() -> bool:
        frozen = any((Path(p.info["cmdline"][-1]) / "spec.json").exists() for p in server.workers())
        return command.poll() is None and time.monotonic() < end and not frozen

    try:
        yield prepares
    finally:
        command.kill()
        command.wait()
        for process in server.workers():
            process.kill()


def saves(saver: Saver, server: AppServer, project: Project) -> dict[str, list[float]]:
    """Save alone, then for as long as a training prepares and a while longer."""
    alone = [saver.save() for _ in range(SAVES)]
    beside = []
    with starting(server, project) as prepares:
        while prepares():
            beside.append(saver.save())
        beside += [saver.save() for _ in range(SAVES)]
    return {"alone": alone, "training": beside}


class Memory:
    """The web process's resident memory, of which the most is kept."""

    def __init__(self, server: AppServer):
        self._process = psutil.Process(server.process.pid)
        self.most = 0.0

    def look(self) -> float:
        """Return it in megabytes, at this moment."""
        now = self._process.memory_info().rss / 2**20
        self.most = max(self.most, now)
        return now


def measure(home: Path, name: str | None = None, rounds: int = 2) -> dict[str, Any]:
    """Measure a home in use; its largest project unless one is named. The home is edited."""
    os.environ["WHETSTONE_HOME"] = str(home)
    loops = [fixed_loop()]
    with closing(Database.open(f"sqlite:///{home / 'whetstone.db'}")) as db:
        project = projects.find_project(db, name) if name else _largest(db)
        assert project, f"no project {name!r} in {home}"
        settings.put(db, "last_project", project.id)
        server = AppServer(ROOT / "app.py", home)
        begun = milliseconds(server.start)
        try:
            found = _driven(server, db, project, rounds)
        finally:
            server.end()
    loops.append(fixed_loop())
    load = os.getloadavg()[0]
    return {"started_ms": begun, **found, "fixed_loop_ms": loops, "load_average": load}


def _largest(db: Database) -> Project:
    return max(projects.list_projects(db), key=lambda each: documents.count_documents(db, each.id))


def _driven(server: AppServer, db: Database, project: Project, rounds: int) -> dict[str, Any]:
    memory, saver, words = Memory(server), Saver(server, db, project), words_of(db, project)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**find_chromium())
        first = first_shows(browser, server)
        memory.look()
        page = browser.new_page()
        _open(page, server, "", "Home")
        changed = changes(page, rounds)
        memory.look()
        searched = searches(page, server, words)
        memory.look()
        browser.close()
    repeated = {quote: saver.find(quote) for quote in words}
    saved = saves(saver, server, project)
    memory.look()
    return {
        "first_ms": first,
        "change_ms": {title: statistics.median(times) for title, times in changed.items()},
        "change_worst_ms": max(map(max, changed.values())),
        "search_ms": searched,
        "find_ms": repeated,
        "save_p95_ms": {when: p95(times) for when, times in saved.items()},
        "save_worst_ms": {when: max(times) for when, times in saved.items()},
        "saves": {when: len(times) for when, times in saved.items()},
        "web_process_mb": memory.most,
    }


def show(found: dict[str, Any]) -> None:
    """Print a table with the goals."""
    print(f"{'':<24}{'first, ms':>12}{'change, ms':>12}   (goals {FIRST_MS:,} and {CHANGE_MS})")
    for title in PAGES:
        print(f"{title:<24}{found['first_ms'][title]:>12,.0f}{found['change_ms'][title]:>12,.0f}")
    print(f"{'':<24}{'search, ms':>12}{'find, ms':>12}   (goal {SEARCH_MS})")
    for words, ms in found["search_ms"].items():
        print(f"{words:<24}{ms:>12,.0f}{found['find_ms'][words]:>12,.0f}")
    for when, ms in found["save_p95_ms"].items():
        worst, number = found["save_worst_ms"][when], found["saves"][when]
        told = f"ms, worst {worst:,.0f} of {number:,} (goal {SAVE_MS})"
        print(f"save, 95 %, {when:<12}{ms:>12,.0f} {told}")
    print(f"{'web process':<24}{found['web_process_mb']:>12,.0f} MB (goal {MEMORY_MB})")
    loops = ", ".join(f"{ms:,.0f}" for ms in found["fixed_loop_ms"])
    print(f"a fixed loop took {loops} ms; load average {found['load_average']:.1f}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--project", help="its name; without one the largest")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = measure(chosen.home.resolve(), chosen.project, chosen.rounds)
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
