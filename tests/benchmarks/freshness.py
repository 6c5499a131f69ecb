"""How soon after Enter the next document shows suggestions by a coach that learned the last one.

    python -m tests.benchmarks.freshness [--documents N] [--rounds N] [--json]

Starts the app as ``make run`` does with a project of so many sentences, nearly all of them labelled
by a rule that can be learned, and waits until the coach has read and learned them, which takes
minutes. Then a real Chromium finishes one document after the other. The time is that from the key
press to the first task after the animation frame in which the next document stands there with
suggestions of a learner that knows the one before. Later than 0.4 s after the document they are
offered instead of drawn: that is counted, too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from playwright.sync_api import Page, TimeoutError, sync_playwright

from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.types import Document, Span, Split, Status
from tests.benchmarks.parts import screen
from tests.benchmarks.tagging import SENTENCE, VIEWPORT, make_text, p95
from tests.browser.server import ROOT, AppServer, find_chromium

# What a word holds decides its label.
RULE = {"é": "PER", "sta": "ORG"}
GOAL_SECONDS = 2.0
READING_SECONDS = 1_800
GLANCE_SECONDS = 60
# A person looks at a document before the next one.
PAUSE_MS = 400
# Follows the tagger's own decision what is fresh, from outside.
FOLLOW = """async () => {
    const loaded = performance.getEntriesByType("resource").map(({name}) => name);
    const address = loaded.find((name) => name.endsWith("/coaching/freshness.js"));
    const {Freshness} = await import(address);
    const {sift, stored} = Freshness.prototype;
    let round = null;
    bench.fresh = [];
    Freshness.prototype.sift = function (data, opens) {
        const found = sift.call(this, data, opens);
        if (opens && round) round.opened = this;
        return found;
    };
    Freshness.prototype.stored = function (entry, finishing) {
        if (finishing && round) round.wanted = entry;
        return stored.call(this, entry, finishing);
    };
    const look = () => {
        if (round?.opened && round.wanted) {
            const {entry, held, later} = round.opened;
            if (entry >= round.wanted && !held) {
                const {at} = round;
                round = null;
                bench.afterPaint(() => bench.fresh.push([performance.now() - at, Boolean(later)]));
            }
        }
        requestAnimationFrame(look);
    };
    look();
    addEventListener("keydown", ({key, timeStamp}) => {
        if (key === "Enter") round = {at: timeStamp};
    }, true);
}"""


def make_sentence(seed: int, done: bool) -> Document:
    """Return a sentence whose words are labelled by the rule, or one that is to do."""
    plain = make_text(SENTENCE, seed)
    words = [(start, end, plain.text[start:end]) for start, end in plain.tokens]
    spans = tuple(
        Span(start, end, label, f"s{start}")
        for start, end, word in words
        for label in [next((label for part, label in RULE.items() if part in word), None)]
        if label
    )
    if not done:
        return Document(plain.text, plain.tokens, name=f"to do {seed}", split=Split.TRAIN)
    return Document(
        plain.text, plain.tokens, spans, Split.TRAIN, status=Status.DONE, name=f"done {seed}"
    )


def make_project(server: AppServer, size: int, rounds: int) -> tuple[int, int]:
    """Store the sentences, those to do last; return the project and the first of these."""
    with closing(Database.open(f"sqlite:///{server.home / 'whetstone.db'}")) as db:
        project = projects.create_project(db, "Fresh")
        projects.add_labels(db, project.id, list(RULE.values()))
        to_do = rounds + 2
        made = [make_sentence(seed, seed < size - to_do) for seed in range(size)]
        documents.add_documents(db, project.id, made, home.user_name())
        return project.id, list(documents.list_ids(db, project.id))[-to_do]


def wait_until_learned(page: Page) -> None:
    """Wait for the coach; open the page again now and then, for without anybody it ends."""
    learned = 'bench.find()?.querySelector(".coach").textContent.includes("learned from")'
    until = time.monotonic() + READING_SECONDS
    while time.monotonic() < until:
        with suppress(TimeoutError):
            page.wait_for_function(learned, timeout=GLANCE_SECONDS * 1000, polling=500)
            return
        page.reload()
    raise RuntimeError("The coach did not learn the documents in time.")


def finish(page: Page, rounds: int) -> list[tuple[float, bool]]:
    """Finish documents by Enter; return the seconds until fresh, and whether only offered."""
    page.evaluate(FOLLOW)
    page.locator(".pane").focus()
    for done in range(1, rounds + 1):
        page.keyboard.press("Enter")
        page.wait_for_function("(done) => bench.fresh.length >= done", arg=done, polling=20)
        page.wait_for_timeout(PAUSE_MS)
    return [(ms / 1000, later) for ms, later in page.evaluate("bench.fresh")]


def run(size: int, rounds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = AppServer(ROOT / "app.py", Path(folder))
        server.start()
        browser = playwright.chromium.launch(**find_chromium())
        try:
            project, first = make_project(server, size, rounds)
            page = browser.new_context(viewport=VIEWPORT).new_page()
            page.add_init_script(screen.WATCH)
            begin = time.monotonic()
            page.goto(f"{server.url}/tag?project={project}&document={first}&queue=all")
            wait_until_learned(page)
            read = time.monotonic() - begin
            found = finish(page, rounds)
        finally:
            browser.close()
            server.kill()
    seconds = [each for each, _ in found]
    return {
        "documents": size,
        "read_s": read,
        "rounds": rounds,
        "fresh_s_median": statistics.median(seconds),
        "fresh_s_p95": p95(seconds),
        "fresh_s_worst": max(seconds),
        "offered": sum(later for _, later in found),
        "load_average": os.getloadavg()[0],
    }


def show(found: dict[str, float]) -> None:
    print(f"{found['documents']:,} documents, read and learned in {found['read_s']:,.0f} s")
    times = [f"{found[f'fresh_s_{name}']:.2f}" for name in ("median", "p95", "worst")]
    print(f"Enter to fresh suggestions, median / 95 % / worst of {found['rounds']}, s:")
    print(f"    {' / '.join(times)}   goal {GOAL_SECONDS} at 95 %")
    print(f"    offered instead of drawn: {found['offered']} times")
    print(f"load average {found['load_average']:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    found = run(arguments.documents, arguments.rounds)
    print(json.dumps(found)) if arguments.json else show(found)


if __name__ == "__main__":
    main()
