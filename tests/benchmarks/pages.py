"""How fast the pages are and how large the web process is, alone and beside a training run.

    python -m tests.benchmarks.pages [--rounds N] [--json]

Starts the app as ``make run`` does, in a temporary home with the sample project, and drives
a real Chromium. Times are wall-clock milliseconds as a person would see them: from the click
until the page's title stands and its script has ended.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from engine.runs import events
from tests.browser.server import AppServer, find_chromium

PAGES = ("Home", "Data", "Tag", "Train", "Report", "Settings")
ROOT = Path(__file__).resolve().parents[2]


def wait_for_page(page: Page, title: str) -> None:
    """Wait until the page's title stands and its script has ended."""
    page.get_by_role("heading", name=title, exact=True, level=1).wait_for()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def milliseconds(begin: float) -> float:
    return (time.perf_counter() - begin) * 1000


def measure_first_page(page: Page, url: str) -> float:
    """Open the app in a browser that already runs."""
    begin = time.perf_counter()
    page.goto(url)
    wait_for_page(page, "Home")
    return milliseconds(begin)


def measure_changes(page: Page, rounds: int) -> dict[str, list[float]]:
    """Click through all pages, ``rounds`` times."""
    times: dict[str, list[float]] = {name: [] for name in PAGES}
    for _ in range(rounds):
        for name in PAGES[1:] + PAGES[:1]:
            begin = time.perf_counter()
            page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
            wait_for_page(page, name)
            times[name].append(milliseconds(begin))
    return times


def engine(server: AppServer, *arguments: str) -> subprocess.Popen:
    """Run the command line in the server's home."""
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *arguments],
        cwd=ROOT,
        env={**os.environ, "WHETSTONE_HOME": str(server.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def train(server: AppServer, epochs: int) -> subprocess.Popen:
    return engine(server, "train", "--project", "Sample project", "--epochs", str(epochs), "--json")


@contextmanager
def training(server: AppServer) -> Iterator[None]:
    """Keep a real training run busy in the background."""
    command = train(server, 50)
    begin = time.perf_counter()
    while not trains(server):
        if time.perf_counter() - begin > 120 or command.poll() is not None:
            raise RuntimeError("The training run beside the measurement did not start.")
        time.sleep(0.2)
    try:
        yield
    finally:
        command.kill()
        command.wait()
        for process in server.workers():
            process.kill()


def trains(server: AppServer) -> bool:
    """Tell whether the living worker has made its first steps."""
    folders = [Path(process.info["cmdline"][-1]) for process in server.workers()]
    found = [event for folder in folders for event in events.read(folder / events.FILE)[0]]
    return any(event.get("phase") == "training" for event in found)


def measure(server: AppServer, browser, rounds: int) -> dict:
    page = browser.new_page()
    first = measure_first_page(page, server.url)
    changes = measure_changes(page, rounds)
    page.close()
    flat = [value for values in changes.values() for value in values]
    return {
        "first_page_ms": first,
        "change_ms": {name: statistics.median(values) for name, values in changes.items()},
        "change_median_ms": statistics.median(flat),
        "change_worst_ms": max(flat),
        "web_process_mb": server.memory_mb(),
        "load_average": os.getloadavg()[0],
    }


def run(rounds: int) -> dict:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        begin = time.perf_counter()
        server = AppServer(ROOT / "app.py", Path(folder))
        server.start()
        healthy = milliseconds(begin)
        browser = playwright.chromium.launch(**find_chromium())
        try:
            page = browser.new_page()
            page.goto(server.url)
            page.get_by_role("button", name="Open the sample project").click()
            page.get_by_text("Next step", exact=True).wait_for()
            page.close()
            train(server, 2).wait()
            alone = measure(server, browser, rounds)
            with training(server):
                beside = measure(server, browser, rounds)
        finally:
            browser.close()
            server.kill()
    return {"healthz_ms": healthy, "alone": alone, "beside_training": beside}


def show(found: dict) -> None:
    print(f"/healthz answers after {found['healthz_ms']:,.0f} ms (goal 3,000)")
    print(f"{'':<28}{'alone':>12}{'training':>12}   goal")
    alone, beside = found["alone"], found["beside_training"]
    rows = [
        ("first page, ms", "first_page_ms", "2,000"),
        ("page change, median ms", "change_median_ms", "500"),
        ("page change, worst ms", "change_worst_ms", "500"),
        ("web process, MB", "web_process_mb", "300"),
        ("load average", "load_average", ""),
    ]
    for title, key, goal in rows:
        print(f"{title:<28}{alone[key]:>12,.1f}{beside[key]:>12,.1f}   {goal}")
    for name in PAGES:
        print(
            f"  to {name:<23}{alone['change_ms'][name]:>12,.0f}{beside['change_ms'][name]:>12,.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = run(arguments.rounds)
    print(json.dumps(found)) if arguments.json else show(found)


if __name__ == "__main__":
    main()
