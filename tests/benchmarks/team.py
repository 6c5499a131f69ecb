"""How twenty people label one project at once, beside a training: is every edit there, how soon?

    python -m tests.benchmarks.team [--minutes N] [--database sqlite|postgresql] [--people N]
        [--browsers N] [--alone] [--json]

Starts the app as ``make run`` or ``make run-team`` does, with an account for each. Sixteen are
programs that ask the routes as the tagger does, each on a connection, with a session and a token of
its own; four sit in a real Chromium, which takes its share of the same machine. Each saves every
two to four seconds. One document in ten is given to two of the programs. A training with the
bundled model goes on beside them, and the coach learns from all.

Programs send some saves twice, cut the line before some answers and use some numbers again. At the
end the server is killed, and its database read: every edit that was acknowledged is to be in the
journal exactly once, and the documents are to be what each person's edits make of what they found.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from pages.routes import gate
from storage.accounts import accounts
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.database.store import database
from storage.engines import own_server
from storage.permissions import Role
from storage.types import Document, Span, Status
from tests.benchmarks.pages import engine, trains
from tests.benchmarks.parts import corpora
from tests.benchmarks.people import browsing, verifying
from tests.benchmarks.people.browsing import Visitor
from tests.benchmarks.people.log import Log
from tests.benchmarks.people.scripted import PASSWORD, THINKS, Person, Work
from tests.browser.server import ROOT, AppServer, find_chromium

SQLITE, POSTGRESQL = "sqlite", "postgresql"
PROJECT = "Team"
PEOPLE, BROWSERS = 20, 4
# Labelled before they come, for the training and the coach.
LEARNED = 400
# A document takes a person no less.
SECONDS_A_DOCUMENT = 4.0
# Of so many documents one is given to two.
SHARED = 10
GOAL_MS = 250
WRONG = ("lost", "twice", "unasked", "changed", "differing", "broken")
START_SECONDS = 180


@contextmanager
def environment(kind: str) -> Iterator[Path]:
    """Make a home, and a server of PostgreSQL's for it; yield the home's folder."""
    with ExitStack() as stack:
        # On a disk: where nothing has to reach one, a save takes no time.
        home = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="team-", dir="/var/tmp"))
        )
        kept = {name: os.environ.get(name) for name in ("WHETSTONE_HOME", "WHETSTONE_DB")}
        stack.callback(_restore, kept)
        os.environ["WHETSTONE_HOME"] = str(home / "home")
        os.environ.pop("WHETSTONE_DB", None)
        stack.callback(_forget)
        if kind == POSTGRESQL:
            server = own_server.find()
            stack.callback(shutil.rmtree, server.folder, ignore_errors=True)
            stack.callback(server.stop)
            server.start()
            os.environ["WHETSTONE_DB"] = server.url
        yield home / "home"


def _restore(kept: dict[str, str | None]) -> None:
    for name, value in kept.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _forget() -> None:
    """Close this process's own handle, which makes the tokens."""
    database().close()
    database.cache_clear()


def make_project(db: Database, size: int) -> tuple[int, list[Work]]:
    """Store what is labelled already and what is to do; return the latter with its marks."""
    project = projects.create_project(db, PROJECT).id
    projects.add_labels(db, project, list(corpora.LABELS))
    documents.add_documents(db, project, corpora.sentences(LEARNED), "earlier")
    coming = list(corpora.sentences(size, seed=6))
    bare = [replace(each, spans=(), status=Status.UNTOUCHED, split=None) for each in coming]
    documents.add_documents(db, project, bare, "earlier")
    ids = documents.list_ids(db, project)[LEARNED:]
    return project, [_work(id, each) for id, each in zip(ids, coming, strict=True)]


def _work(id: int, document: Document) -> Work:
    marks: tuple[Span, ...] = document.spans or ()
    return Work(id, document.text, marks)


def share(works: Sequence[Work], people: int, browsers: int) -> tuple[list[list[Work]], list[int]]:
    """Return each program's documents, and where each browser's part begins.

    A browser goes on to the next document of the project: its part lies in one piece.
    """
    part = len(works) // (people + browsers) if browsers else 0
    begin = [works[number * part].document for number in range(browsers)]
    rest = works[browsers * part :]
    mine = [list(rest[number::people]) for number in range(people)] if people else []
    for number, each in enumerate(mine):
        theirs = mine[(number + 1) % people]
        each += [work for work in theirs[::SHARED] if work not in each]
        random.Random(number).shuffle(each)
    return mine, begin


def add_accounts(db: Database, names: Sequence[str]) -> None:
    accounts.add(db, "chief", Role.ADMIN, PASSWORD)
    for name in names:
        accounts.add(db, name, Role.ANNOTATOR, PASSWORD)


class Training:
    """Trainings with the bundled model, one after the other, until the end."""

    def __init__(self, server: AppServer) -> None:
        self._server = server
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._train, daemon=True)
        self._command: subprocess.Popen | None = None
        self.begun = 0

    def __enter__(self) -> Training:
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while not trains(self._server):
            if time.monotonic() > end:
                raise RuntimeError("The training beside the people did not start.")
            time.sleep(0.2)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._command:
            self._command.kill()
        self._thread.join()

    def _train(self) -> None:
        while not self._ended.is_set():
            self.begun += 1
            words = ("--project", PROJECT, "--epochs", "100", "--json")
            self._command = engine(self._server, "train", *words)
            self._command.communicate()


def run(
    minutes: float,
    kind: str = SQLITE,
    people: int = PEOPLE,
    browsers: int = BROWSERS,
    beside: bool = True,
    thinks: tuple[float, float] = THINKS,
) -> dict[str, Any]:
    """Let people label for so many minutes; return what was found."""
    with environment(kind) as home, ExitStack() as stack:
        server = AppServer(ROOT / "app.py", home)
        server.start()
        stack.callback(server.end)
        names = [f"annotator {number + 1}" for number in range(people)]
        with closing(Database.open()) as db:
            size = int(people * (minutes * 60 / SECONDS_A_DOCUMENT + 5))
            project, works = make_project(db, size)
            add_accounts(db, names)
        found = _labelled(server, project, works, names, (browsers, minutes, beside, thinks))
        return found


def _labelled(
    server: AppServer,
    project: int,
    works: Sequence[Work],
    names: Sequence[str],
    how: tuple[int, float, bool, tuple[float, float]],
) -> dict[str, Any]:
    browsers, minutes, beside, thinks = how
    mine, begins = share(works, len(names) - browsers, browsers)
    loads = [os.getloadavg()[0]]
    with ExitStack() as stack:
        visitors: list[Visitor] = []
        if browsers:
            playwright = stack.enter_context(sync_playwright())
            browser: Browser = playwright.chromium.launch(**find_chromium())
            stack.callback(browser.close)
            for name, begin in zip(names, begins, strict=False):
                place = browsing.page_of(project, begin)
                most = len(works) // len(names) - 1
                visitors.append(Visitor(browser, server.url, name, place, most, thinks))
        training = stack.enter_context(Training(server)) if beside else None
        loads.append(os.getloadavg()[0])
        began = time.monotonic()
        until = began + 60 * minutes
        persons = [
            Person(server.url, name, gate.sign(name, project), work, until, thinks)
            for name, work in zip(names[browsers:], mine, strict=True)
        ]
        cpu = _cpu(server)
        for person in persons:
            person.start()
        browsing.drive(visitors, until)
        for person in persons:
            person.join()
        for visitor in visitors:
            visitor.close()
        seconds = time.monotonic() - began
        loads.append(os.getloadavg()[0])
        spent, memory = _cpu(server) - cpu, server.memory_mb()
        trainings = training.begun if training else 0
    server.kill()
    logs = [*(person.log for person in persons), *(visitor.log for visitor in visitors)]
    with closing(Database.open()) as db:
        checked = verifying.verify(db, project, logs)
    return {
        "seconds": seconds,
        "people": len(names),
        "browsers": browsers,
        "trainings": trainings,
        **checked,
        **summed(logs, len(persons)),
        "web_cpu_s": spent,
        "web_process_mb": memory,
        "load_average": loads,
    }


def _cpu(server: AppServer) -> float:
    import psutil

    times = psutil.Process(server.process.pid).cpu_times()
    return times.user + times.system


def summed(logs: Sequence[Log], programs: int) -> dict[str, Any]:
    """Return times by route, counts and errors of all people; browsers' saves by themselves."""
    took: dict[str, list[float]] = {}
    for number, log in enumerate(logs):
        for route, times in log.took.items():
            name = "save" if route == "edits" else route
            took.setdefault(name if number < programs else f"{name}, browsers", []).extend(times)
    counts: dict[str, int] = {}
    for log in logs:
        for name, count in log.counts.items():
            counts[name] = counts.get(name, 0) + count
    return {
        "ms": {name: quantiles(times) for name, times in sorted(took.items()) if times},
        "counts": counts,
        "errors": [f"{log.annotator}: {error}" for log in logs for error in log.errors],
    }


def quantiles(times: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the worst of some times, and how many there are."""
    cut = (
        statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else [*times] * 99
    )
    return {
        **{f"p{at}": cut[at - 1] for at in (50, 95, 99)},
        "worst": max(times),
        "number": len(times),
    }


def show(found: dict[str, Any], kind: str) -> None:
    """Print what was found."""
    beside = "beside a training" if found["trainings"] else "alone"
    print(
        f"{found['people']} people, {found['browsers']} of them in Chromium, {kind}, {beside}, "
        f"{found['seconds']:.0f} s"
    )
    print(f"{'ms':<18}{'p50':>8}{'p95':>8}{'p99':>8}{'worst':>8}{'number':>9}")
    for name, each in found["ms"].items():
        times = "".join(f"{each[key]:>8,.0f}" for key in ("p50", "p95", "p99", "worst"))
        goal = f"   goal {GOAL_MS} at 95 %" if name.startswith("save") else ""
        print(f"{name:<18}{times}{each['number']:>9,}{goal}")
    print(
        f"{found['edits']:,} edits acknowledged; "
        + ", ".join(f"{len(found[name])} {name}" for name in WRONG)
    )
    print(", ".join(f"{name} {count}" for name, count in found["counts"].items()))
    print(f"{len(found['errors'])} errors")
    for each in [*(said for name in WRONG for said in found[name]), *found["errors"]][:20]:
        print(f"    {each}")
    print(f"web process {found['web_process_mb']:,.0f} MB, {found['web_cpu_s']:,.0f} CPU s")
    print("load average", " ".join(f"{load:.1f}" for load in found["load_average"]))


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    parser.add_argument("--people", type=int, default=PEOPLE, help="those in browsers included")
    parser.add_argument("--browsers", type=int, default=BROWSERS)
    parser.add_argument("--alone", action="store_true", help="without a training beside")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(given)
    browsers = min(chosen.browsers, chosen.people)
    found = run(chosen.minutes, chosen.database, chosen.people, browsers, not chosen.alone)
    found["database"] = chosen.database
    print(json.dumps(found)) if chosen.json else show(found, chosen.database)


if __name__ == "__main__":
    main()
