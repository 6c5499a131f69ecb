"""What pages and the tagger's routes ask of the database: the real ones, each statement timed.

A page is run as Streamlit's test runner runs it, so that nothing that it asks is forgotten here.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import event
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from pages.access import pages, session
from storage.accounts import accounts, sessions
from storage.corpus import documents
from storage.database.connection import Database
from storage.finding import queues, search
from storage.finding.search import Search
from storage.finding.selection import Order, Selection
from storage.journal import annotations
from storage.runs import suggestions
from tests.benchmarks.scaling.rows import FIRST

MAIN = Path(__file__).resolve().parents[3] / "pages" / "main.py"
TIMEOUT = 1800.0
# Each with what its address says; a page that is listed twice has another section open.
PAGES = {
    "Home": ("home", {}),
    "Data, Import": ("data", {}),
    "Data, Documents": ("data", {"section": "Documents"}),
    "Data, Labels": ("data", {"section": "Labels"}),
    "Data, Export": ("data", {"section": "Export"}),
    "Data, Card": ("data", {"section": "Card"}),
    "Tag": ("tag", {}),
    "Guideline": ("guideline", {}),
    "Talk": ("talk", {}),
    "Train": ("train", {}),
    "Report": ("report", {}),
    "Compare": ("compare", {}),
    "Review, Next": ("review", {}),
    "Team": ("team", {}),
    "Agreement": ("agreement", {}),
    "Adjudicate": ("adjudicate", {}),
    "Notebook": ("notebook", {}),
    "Try it": ("try", {}),
    "Models": ("models", {}),
    "Match": ("match", {}),
    "Monitor": ("monitor", {}),
    "Settings": ("settings", {}),
}


@dataclass
class Asked:
    """What a page or route asked: ``seconds`` by the clock, ``sql`` of them in the database."""

    seconds: float = 0.0
    sql: float = 0.0
    statements: int = 0
    slowest: str = ""
    slowest_seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, statement: str, seconds: float) -> None:
        with self.lock:
            self.sql += seconds
            self.statements += 1
            if seconds > self.slowest_seconds:
                self.slowest_seconds, self.slowest = seconds, " ".join(statement.split())

    def figures(self) -> dict:
        """Return it as JSON has it: milliseconds."""
        return {
            "ms": round(self.seconds * 1000, 1),
            "sql_ms": round(self.sql * 1000, 1),
            "statements": self.statements,
            "slowest_ms": round(self.slowest_seconds * 1000, 1),
            "slowest": self.slowest,
        }


class Listener:
    """Times every statement of a database's connections."""

    def __init__(self, db: Database) -> None:
        self.now: Asked | None = None
        # All three speak through the one pool of connections.
        for engine in {db._reader, db._writer, db._hasty}:
            event.listen(engine, "before_cursor_execute", self._begin)
            event.listen(engine, "after_cursor_execute", self._end)

    @contextmanager
    def during(self) -> Iterator[Asked]:
        """Count what is asked meanwhile, by any thread."""
        self.now = asked = Asked()
        begun = time.perf_counter()
        try:
            yield asked
        finally:
            asked.seconds = time.perf_counter() - begun
            self.now = None

    def _begin(self, connection, cursor, statement, parameters, context, many) -> None:
        connection.info["asked"] = time.perf_counter()

    def _end(self, connection, cursor, statement, parameters, context, many) -> None:
        if self.now is not None:
            self.now.add(statement, time.perf_counter() - connection.info["asked"])


class Pages:
    """The application's pages over one database, each opened in a session of its own."""

    def __init__(self) -> None:
        self.components = BidiComponentManager()
        self.components.discover_and_register_components(start_file_watching=False)

    def open(self, name: str, params: dict[str, str]) -> None:
        """Run a page; raises RuntimeError where it fails."""
        app = AppTest.from_file(str(MAIN), default_timeout=TIMEOUT)
        app._bidi_component_manager = self.components
        for key, value in params.items():
            app.query_params[key] = value
        script = next(page.script for page in pages.PAGES if page.name == name)
        app.switch_page(script).run()
        if app.exception:
            raise RuntimeError(f"{name}: {app.exception}")


def sign_in(db: Database, name: str) -> None:
    """Sign somebody in who has an account, for all pages that this process opens."""
    found = accounts.find(db, name)
    if found is None:
        raise RuntimeError(f"{name} has no account")
    token = sessions.begin(db, found)
    # Streamlit's test runner has no browser that would send a cookie.
    session.token = lambda: token


def routes(db: Database, project: int) -> dict[str, Callable[[], object]]:
    """Return what the tagger and the list of documents ask between two pages."""
    ids = documents.list_ids(db, project)
    middle = ids[len(ids) // 2]
    numbers = iter(range(1, 1_000_000))

    def edit() -> None:
        document = ids[(len(ids) // 3 + next(numbers)) % len(ids)]
        base = annotations.open_annotation(db, document, FIRST).revision
        sent = {"seq": 1, "base_revision": base, "kind": "status", "status": "done"}
        client = f"scale{os.getpid()}-{document}"
        annotations.apply_operations(db, project, document, FIRST, client, [sent])

    def edited() -> None:
        edit()
        search.counts(db, project)

    def opened() -> None:
        annotations.open_annotation(db, middle, FIRST)
        suggestions.of_document(db, middle)

    def found(wanted: Search, start: int = 0) -> Callable[[], object]:
        return lambda: (
            search.counts(db, project, wanted),
            search.rows(db, project, wanted, start, 25),
        )

    return {
        "save an edit": edit,
        "counts after an edit": edited,
        "open a document": opened,
        "page in the middle": found(Search(), len(ids) // 2),
        "find a text": lambda: found(Search(text=f"day {ids[next(numbers)]}"))(),
        "label and status": found(Search(label="KIND3", status="done")),
        "queue: to do": lambda: queues.choose(db, project, Selection(Order.TODO)),
        "queue: uncertain": lambda: queues.choose(db, project, Selection(Order.UNCERTAIN)),
    }


def memory() -> int:
    """Return this process's resident memory in megabytes."""
    return psutil.Process().memory_info().rss // 2**20
