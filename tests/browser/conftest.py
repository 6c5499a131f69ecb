"""A real browser, real servers, and pages that fail a test on any error or foreign request."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    ViewportSize,
    sync_playwright,
)

from storage.database.connection import Database
from tests.browser.expecting import expect
from tests.browser.modules import SITE, serve
from tests.browser.server import ROOT, AppServer, ForkedServer, find_chromium
from tests.browser.standing import VIEWPORT, Standing
from tests.browser.tagging import Bench
from tests.conftest import furnish
from tests.storage.database.test_processes import check_file

# The first page of a session comes while all of its servers and workers begin.
FIRST_PAGE = 120_000
FAILED = pytest.StashKey[bool]()
Launch = Callable[[Path, Path], AppServer]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of the whole session; contexts keep tests apart."""
    with sync_playwright() as playwright:
        try:
            options = find_chromium()
            # All pages of the shared context in one process: see shared_context.
            options["args"].append("--process-per-site")
            browser = playwright.chromium.launch(**options)
        except Error as error:
            message = "No browser was found: run `make setup`, or install Debian's chromium."
            raise RuntimeError(message) from error
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def servers() -> list[AppServer]:
    """The servers that were started, and of those that have ended the ones with a free address."""
    return []


@pytest.fixture(scope="module")
def launch(servers: list[AppServer], migrated: Path) -> Iterator[Launch]:
    """Start servers for a script with a home folder; they are killed at the end of the module.

    One takes the place of one that has ended: what the browser has loaded and compiled of that
    address it need not load again, which is half of what it costs to open a page.
    """
    started: list[AppServer] = []

    def start(script: Path, home: Path) -> AppServer:
        if not home.exists() and "WHETSTONE_DB" not in os.environ:
            furnish(home, migrated)
        ended = next((server for server in servers if server.ended), None)
        if ended:
            servers.remove(ended)
        server = ForkedServer(script, home, ended.port if ended else 0)
        servers.append(server)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.end()


@pytest.fixture
def app_server(
    request: pytest.FixtureRequest, launch: Launch, tmp_path: Path
) -> Iterator[AppServer]:
    """A server for this test alone: of app.py, or of the script given by indirect parameter.

    Whatever was done to it, and then it is killed: its database is whole.
    """
    script = getattr(request, "param", ROOT / "app.py")
    server = launch(script, tmp_path / "server-home")
    yield server
    server.end()
    check_file(server.home)


@pytest.fixture
def db(app_server: AppServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database of the running app, seen from outside."""
    monkeypatch.setenv("WHETSTONE_HOME", str(app_server.home))
    database = Database.open()
    yield database
    database.close()


@pytest.fixture
def page(app_server: AppServer, visitor: Visitor) -> Page:
    """The app with the sample project open."""
    page = visitor.open(app_server.url)
    page.get_by_role("button", name="Open the sample project").click()
    expect(page.get_by_text("Next step", exact=True)).to_be_visible()
    return page


class Visitor:
    """Opens pages and remembers what no page may do."""

    def __init__(self, browser: Browser, shared: BrowserContext, standing: Standing):
        self._browser = browser
        self._shared = shared
        self._standing = standing
        self._opened: list[BrowserContext | Page] = []
        self._heard: list[tuple[Page, str, Callable]] = []
        self.alone = False
        self._origins: set[str] = set()
        self.complaints: list[str] = []

    def open(self, url: str, context: BrowserContext | None = None, **options) -> Page:
        """Open an address in a given browser context, one with these options, or the shared one."""
        context = context or (self.context(**options) if options else self._shared)
        page = context.new_page()
        page.set_default_navigation_timeout(FIRST_PAGE)
        self._opened.append(page)
        self._watch(page, url)
        page.goto(url)
        return page

    def turn_to(self, url: str, viewport: ViewportSize = VIEWPORT) -> Page:
        """Open an address in the page that stands; later ones of the same test beside it."""
        standing = self._standing
        if self.alone or not standing.stands_on(url):
            return self.open(url, viewport=viewport) if viewport != VIEWPORT else self.open(url)
        if standing.taken:
            return self.open(url, standing.context)
        standing.taken = True
        if standing.page:
            self._watch(standing.page, url)
            return standing.go(url, viewport)
        standing.page = self.open(url, standing.context)
        self._opened.remove(standing.page)
        standing.page.set_viewport_size(viewport)
        return standing.page

    def _watch(self, page: Page, url: str) -> None:
        host = urlsplit(url).netloc
        self._origins.add(f"http://{host}")
        heard: dict[str, Callable] = {
            "console": self._hear,
            "pageerror": lambda error: self.complaints.append(f"error: {error}"),
            "request": lambda request: self._check(request.url, host),
        }
        for event, hear in heard.items():
            page.on(event, hear)  # type: ignore[call-overload]
            self._heard.append((page, event, hear))

    def context(self, **options) -> BrowserContext:
        """Make a browser of its own: other cookies, other storage."""
        context = self._browser.new_context(**{"viewport": VIEWPORT, **options})
        self._opened.append(context)
        return context

    def _hear(self, message) -> None:
        # A refused or undeliverable request is logged by the browser itself; tests of
        # those look at what the page makes of it.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text}")

    def _check(self, url: str, host: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != host:
            self.complaints.append(f"request to another host: {url}")

    def close(self, passed: bool) -> None:
        """Close what was opened; no edit may wait for the next test in the shared storage."""
        for opened in reversed(self._opened):
            opened.close()
        if self._standing.taken:
            self._standing.leave(passed)
        for page, event, hear in self._heard:
            page.remove_listener(event, hear)
        browser = self._shared.new_cdp_session(self._shared.pages[0])
        for origin in self._origins:
            kept = {"origin": origin, "storageTypes": "local_storage"}
            browser.send("Storage.clearDataForOrigin", kept)
        browser.detach()


@pytest.fixture(scope="session")
def shared_context(chromium: Browser) -> Iterator[BrowserContext]:
    """One context for most tests: its cache makes the pages after the first one load fast.

    One page stays open, so that the process of this site does, and what it has compiled.
    """
    context = chromium.new_context(viewport=VIEWPORT)
    first = context.new_page()
    first.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
    first.goto("http://127.0.0.1/")
    yield context
    context.close()


@pytest.fixture(scope="session")
def standing(chromium: Browser) -> Iterator[Standing]:
    """The page that the tests of the tagger come to one after the other."""
    standing = Standing(chromium)
    yield standing
    standing.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, Any]:
    """Note that a test failed: nobody goes on with its page."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def visitor(
    request: pytest.FixtureRequest,
    chromium: Browser,
    shared_context: BrowserContext,
    standing: Standing,
) -> Iterator[Visitor]:
    """Pages for one test; the test fails on a console error or a request to another host."""
    visitor = Visitor(chromium, shared_context, standing)
    yield visitor
    visitor.close(not request.node.stash[FAILED])
    assert visitor.complaints == []


@pytest.fixture
def alone(visitor: Visitor) -> None:
    """This test loads a page of its own: it is about loading, or does what would last."""
    visitor.alone = True


@pytest.fixture(scope="module")
def site(chromium: Browser) -> Iterator[Page]:
    """A blank page on an address that serves the tagger's modules as they lie in their folder."""
    context = chromium.new_context()
    context.route("**/*", serve)
    page = context.new_page()
    page.goto(SITE)
    yield page
    context.close()


@pytest.fixture(scope="session")
def tagger_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One server of the small tagger application for the whole session."""
    home = tmp_path_factory.mktemp("tagger") / "home"
    server = ForkedServer(Path(__file__).with_name("apps") / "tagger_app.py", home)
    server.start()
    yield server
    server.end()
    check_file(home)


@pytest.fixture(scope="session")
def tagger_database(tagger_server: AppServer) -> Iterator[Database]:
    """The database that the small application writes to."""
    db = Database.open(f"sqlite:///{tagger_server.home / 'whetstone.db'}")
    yield db
    db.close()


_numbers = count(1)


@pytest.fixture
def bench(
    tagger_server: AppServer, tagger_database: Database, visitor: Visitor
) -> Callable[..., Bench]:
    """Make a project out of texts or documents, ready to be opened in the tagger."""

    def make(*texts, **options) -> Bench:
        name = f"project {next(_numbers)}"
        return Bench.make(tagger_server, tagger_database, visitor, name, texts, **options)

    return make
