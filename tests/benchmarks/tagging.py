"""How fast the tagging screen is on texts of any length, alone and beside a training or the coach.

    python -m tests.benchmarks.tagging [--sizes N …] [--edits N] [--beside [training] [coach]]
        [--documents N] [--json]

Starts the app as ``make run`` does and drives a real Chromium: the real Tag page, real drags and
key presses, real saves. Half of the edits end with the mouse, half with a key. What *painted* and
*acknowledged* mean stands in ``screen.py``. The coach is switched off but where it is what is
measured beside: there it has thousands of labelled sentences to read, and is at work all the time.
``--documents`` also measures searching and paging in a project of so many documents.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing, nullcontext, redirect_stdout
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from rich.console import Console
from rich.table import Table

from engine.encoding.tokens import tokenize
from storage import home
from storage.coaching import choices
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.types import Document, Span, Split, Status
from tests.benchmarks import projects as size_of_project
from tests.benchmarks.pages import training
from tests.benchmarks.parts import screen
from tests.browser.server import ROOT, AppServer, find_chromium

SIZES = (1_000, 10_000, 100_000)
# A span for so many characters: 2,000 in the largest text.
APART = 50
LABELS = ("PER", "ORG", "LOC", "MISC")
SLOW_FRAME = 34
# So many words are labelled in one place before the next one is scrolled to.
WORDS_IN_SIGHT = 10
TRAINING, COACH = "training", "coach"
# Labelled sentences for the coach to read: more than it reads while edits are made.
TO_READ = 6_000
SENTENCE = 150
VIEWPORT: ViewportSize = {"width": 1280, "height": 800}
# A goal alone, and one beside a training or the coach.
ROWS = (
    ("open from the document before, ms", "open_ms", (1000, 1000)),
    ("open as the first page, ms", "cold_ms", None),
    ("mouse up to painted, median ms", "mouse_ms_median", None),
    ("mouse up to painted, 95 % ms", "mouse_ms_p95", (33, 80)),
    ("key to painted, median ms", "key_ms_median", None),
    ("key to painted, 95 % ms", "key_ms_p95", (33, 80)),
    ("painted, 95 % ms", "painted_ms_p95", (33, 80)),
    ("the browser's own Event Timing, 95 % ms", "event_timing_ms_p95", None),
    ("acknowledged, median ms", "acknowledged_ms_median", None),
    ("acknowledged, 95 % ms", "acknowledged_ms_p95", (60, 150)),
    ("frames over 34 ms in scrolling", "slow_frames", (0, 0)),
    ("slowest frame, ms", "slowest_frame_ms", None),
    ("the coach at work from beginning to end", "coach_reads", None),
    ("load average", "load_average", None),
)


def make_text(size: int, seed: int = 13) -> Document:
    """Return prose of words, sentences and paragraphs with a span for every 50 characters."""
    chance = random.Random(seed)
    syllables = ["ka", "lo", "mi", "ren", "sta", "tor", "vel", "un", "pri", "é"]
    words, length = [], 0
    while length < size:
        word = "".join(chance.choices(syllables, k=chance.randint(1, 4)))
        word += chance.choices(("", ",", ".", ".\n"), (20, 1, 1, 0.5))[0]
        words.append(word)
        length += len(word) + 1
    text = " ".join(words)[:size]
    tokens = [token for token in tokenize(text) if token[1] - token[0] > 2]
    chosen = sorted(chance.sample(tokens, min(size // APART, len(tokens) // 2)))
    spans = tuple(
        Span(start, end, chance.choice(LABELS), f"s{at}") for at, (start, end) in enumerate(chosen)
    )
    return Document(text, tokenize(text), name=f"{size:,} characters", spans=spans)


def make_project(server: AppServer, name: str, sizes: Sequence[int]) -> tuple[int, list[int]]:
    """Store a short text before each one that is measured; return the project and the texts."""
    with closing(Database.open(f"sqlite:///{server.home / 'whetstone.db'}")) as db:
        project = projects.create_project(db, f"Tagging {name}")
        projects.add_labels(db, project.id, list(LABELS))
        choices.put(db, project.id, choices.Choices(on=name == COACH))
        made = []
        for size in sizes:
            made += [Document("A short text.", tokenize("A short text."), name="short")]
            made += [make_text(size)]
        if name == COACH:
            made += [labelled(make_text(SENTENCE, seed)) for seed in range(TO_READ)]
        documents.add_documents(db, project.id, made, home.user_name())
        return project.id, list(documents.list_ids(db, project.id))[: 2 * len(sizes)]


def labelled(document: Document) -> Document:
    """Return a document as one that the coach learns."""
    return replace(document, status=Status.DONE, split=Split.TRAIN)


def open_page(browser: Browser, server: AppServer, project: int, document: int) -> Page:
    """Open the Tag page on a document in a browser of its own."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.add_init_script(screen.WATCH)
    page.goto(f"{server.url}/tag?project={project}&document={document}&queue=all")
    page.wait_for_function("bench.cold !== null", timeout=120_000)
    return page


def measure_open(page: Page, name: str) -> float:
    """Turn to the next document with a key; return the milliseconds until it is drawn."""
    page.locator(".pane").focus()
    page.evaluate("(name) => bench.turn(name)", name)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("bench.open !== null", timeout=120_000)
    return page.evaluate("bench.open")


def tag(page: Page, edits: int) -> None:
    """Label words by mouse under a chosen label and by digits, and take each edit back."""
    page.evaluate("bench.watch()")
    page.locator(".pane").focus()
    chance, done = random.Random(13), 0
    while done < edits:
        screen.scroll_to(page, chance.random())
        for index, word in enumerate(screen.free_words(page, WORDS_IN_SIGHT)):
            by_mouse = index % 2 == 0
            if by_mouse:
                page.keyboard.press("1")
            screen.drag(page, *word)
            if not by_mouse:
                page.wait_for_timeout(20)
                page.keyboard.press("1")
            screen.settle(page, done + 1)
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
            page.keyboard.press("Control+z")
            screen.settle(page, done + 2)
            done += 2
    page.wait_for_timeout(200)


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def measure_size(
    browser: Browser, server: AppServer, project: int, ids: list[int], edits: int, coach: bool
) -> dict[str, float]:
    """Measure one text; ``ids`` are the short one before it and itself."""
    before, itself = ids
    cold = open_page(browser, server, project, itself)
    name = cold.locator(".name").text_content()
    cold_ms = cold.evaluate("bench.cold")
    cold.context.close()
    page = open_page(browser, server, project, before)
    if coach:
        page.wait_for_function(screen.COACH_READS, timeout=120_000)
    opened = measure_open(page, name)
    tag(page, edits)
    reads = page.evaluate(screen.COACH_READS)
    painted = page.evaluate("bench.painted")
    acknowledged = page.evaluate("bench.acknowledged")
    timing = [duration for _, duration in page.evaluate("bench.timing")] or [0.0]
    frames = screen.scroll_through(page)
    page.context.close()
    mouse = [ms for kind, ms in painted if kind == "mouseup"]
    keys = [ms for kind, ms in painted if kind == "keydown"]
    return {
        "open_ms": opened,
        "cold_ms": cold_ms,
        "edits": len(painted),
        **summarize("mouse_ms", mouse),
        **summarize("key_ms", keys),
        **summarize("painted_ms", [ms for _, ms in painted]),
        **summarize("acknowledged_ms", acknowledged),
        "event_timing_ms_p95": p95(timing),
        "slow_frames": sum(frame > SLOW_FRAME for frame in frames),
        "frames": len(frames),
        "slowest_frame_ms": max(frames),
        "coach_reads": float(reads),
        "load_average": os.getloadavg()[0],
    }


def summarize(name: str, values: Sequence[float]) -> dict[str, float]:
    return {f"{name}_median": statistics.median(values), f"{name}_p95": p95(values)}


def measure_all(
    browser: Browser, server: AppServer, name: str, sizes: Sequence[int], edits: int
) -> dict:
    """Measure every size, in a project of its own."""
    project, ids = make_project(server, name, sizes)
    share = -(-edits // len(sizes))
    return {
        size: measure_size(browser, server, project, ids[2 * at : 2 * at + 2], share, name == COACH)
        for at, size in enumerate(sizes)
    }


def open_sample(browser: Browser, server: AppServer) -> None:
    """Add the sample project, for the training run beside the measurement."""
    page = browser.new_page()
    page.goto(server.url)
    page.get_by_role("button", name="Open the sample project").click()
    page.get_by_text("Next step", exact=True).wait_for()
    page.close()


def run(sizes: Sequence[int], edits: int, beside: Sequence[str]) -> dict:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = AppServer(ROOT / "app.py", Path(folder))
        server.start()
        browser = playwright.chromium.launch(**find_chromium())
        found = {}
        try:
            if TRAINING in beside:
                open_sample(browser, server)
            for name in ("", *beside):
                with training(server) if name == TRAINING else nullcontext():
                    measured = measure_all(browser, server, name, sizes, edits)
                found[f"beside {name}" if name else "alone"] = measured
        finally:
            browser.close()
            server.kill()
    return found


def show(found: dict, console: Console) -> None:
    for name, sizes in found.items():
        edits = sum(each["edits"] for each in sizes.values())
        table = Table(title=f"The tagging screen, {name}, {edits} edits", title_justify="left")
        table.add_column("characters / spans")
        for size in sizes:
            table.add_column(f"{size:,} / {size // APART:,}", justify="right")
        table.add_column("goal", justify="right")
        for title, key, goals in ROWS:
            row = [f"{each[key]:,.1f}" for each in sizes.values()]
            table.add_row(title, *row, f"{goals[name != 'alone']:,}" if goals else "")
        console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="CHARACTERS")
    parser.add_argument("--edits", type=int, default=240, help="in all sizes together")
    parser.add_argument("--beside", nargs="*", choices=(TRAINING, COACH), help="also beside these")
    parser.add_argument("--documents", type=int, help="also search and page in so many documents")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    console = Console(stderr=arguments.json, width=110)
    beside = [TRAINING] if arguments.beside == [] else arguments.beside or []
    found = run(arguments.sizes, arguments.edits, beside)
    show(found, console)
    report = {name.replace(" ", "_"): sizes for name, sizes in found.items()}
    if arguments.documents:
        report["project"] = size_of_project.measure(arguments.documents)
        with redirect_stdout(sys.stderr if arguments.json else sys.stdout):
            size_of_project.show(report["project"])
    largest = found["alone"][max(arguments.sizes)]
    keys = ("open_ms", "painted_ms_p95", "acknowledged_ms_p95")
    report["largest"] = {key: largest[key] for key in keys}
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
