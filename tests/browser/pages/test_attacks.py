"""The Big List of Naughty Strings and attacks, wherever a person can write, through every page.

No script runs, no request leaves this machine, and what is shown is the text as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Route

from pages.access import table
from pages.widgets.compare import choice
from pages.widgets.report import views
from storage.accounts import accounts
from storage.corpus import documents, projects, validation
from storage.database.connection import Database
from storage.errors import WhetstoneError
from storage.journal import annotations as journal
from storage.monitors import monitors
from storage.monitors.monitors import Watching
from storage.permissions import Role
from storage.runs import runs
from storage.types import Document, Span, Split, Status
from tests.browser import naughty_home
from tests.browser.conftest import FIRST_PAGE, Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.naughty import ATTACKS, NAUGHTY
from tests.browser.naughty_home import changed, marked, settled
from tests.browser.server import ROOT, AppServer
from tests.conftest import SHARED_DATA
from tests.engine import catalogued, tiny
from tests.engine.inspection.finished import reported

pytestmark = [pytest.mark.browser, pytest.mark.long]
BLNS = SHARED_DATA.parent / "samples" / "adversarial" / "blns" / "blns.json"
NAME, SECRET = "<img src=x onerror=window.__x=1>", "correct horse battery"
A_PROJECT = 25
# What a page shows only where its address asks for it, and what is chosen then.
VIEWS = [
    *((f"data?section={name}", name) for name in ("Documents", "Labels", "Dictionary")),
    *((f"data?section={name}", name) for name in ("Duplicates", "Export")),
    *((f"review?view={name}", name) for name in ("Suspects", "Strings")),
    *((f"report?view={name}", name) for name in views.EVERY),
]
# Elements that only an attack can have made, also within the tagger's own roots.
INJECTED = """() => {
    const roots = [document];
    for (const root of roots)
        for (const element of root.querySelectorAll('*'))
            if (element.shadowRoot) roots.push(element.shadowRoot);
    const made = '[onerror], [onload], [ontoggle], [src="x"], [src*="x.example"], base, iframe, '
        + '[href*="x.example"], [href^="javascript:" i], [href^="data:text" i], embed, object, '
        + 'meta[http-equiv=refresh i], form[action*="x.example"], [data-testid=stException]';
    return roots.flatMap((root) => [...root.querySelectorAll(made)])
        .map((element) => element.outerHTML.slice(0, 200));
}"""

# Opens all that a page has folded.
UNFOLD = "main => main.querySelectorAll('details:not([open]) > summary').forEach(e => e.click())"


@dataclass
class Watched:
    """A page in a browser that notes whatever an attack would do."""

    page: Page
    done: list[str] = field(default_factory=list)

    def found(self) -> list[str]:
        """Return what was done on the page up to now."""
        ran = ["a script ran"] if self.page.evaluate("() => window.__x !== undefined") else []
        return [*self.done, *ran, *self.page.evaluate(INJECTED)]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """The strings that may be a label, those with the most signs first; all others behind."""
    listed = json.loads(BLNS.read_text("utf-8")) if BLNS.is_file() else []
    known = [*ATTACKS, *NAUGHTY, *listed]
    kept = [text for text in dict.fromkeys(known) if is_taken(text)]
    return sorted(kept, key=lambda text: -sum(text.count(sign) for sign in "<>[]()$:`{}&"))


def is_taken(text: str) -> bool:
    try:
        validation.label_name(text + " ⁂999⁂")
    except WhetstoneError:
        return False
    return bool(text.strip())


@pytest.fixture(scope="module")
def groups(texts: list[str]) -> list[list[str]]:
    """The strings dealt out to projects, so that each has some of every kind as labels."""
    ends = marked(texts)
    number = -(-len(ends) // A_PROJECT)
    return [ends[n::number] for n in range(number)]


@pytest.fixture(scope="module")
def server(
    launch: Launch, tmp_path_factory: pytest.TempPathFactory, groups: list[list[str]]
) -> AppServer:
    """A server of whose users one is an attack, too, and its projects."""
    home = tmp_path_factory.mktemp("attacks") / "home"
    home.mkdir()
    with closing(Database.open(f"sqlite:///{home / 'whetstone.db'}")) as db:
        for group in groups:
            _fill(db, group)
        _pairs(db, groups[0])
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WHETSTONE_HOME", str(home))
            _compared(db, groups[0])
            _catalogue(db, groups[0], tiny.save_base(tmp_path_factory.mktemp("bert")))
        accounts.add(db, NAME, Role.ADMIN, SECRET)
    return launch(ROOT / "app.py", home)


def _fill(db: Database, group: Sequence[str]) -> None:
    project = naughty_home.fill(db, group, group[0].rsplit(" ", 1)[0][:100])
    # A guideline is Markdown by intent: nothing of it may run all the same.
    projects.set_guideline(db, project, "\n\n".join(each.rsplit(" ", 1)[0] for each in group))
    again = runs.create_run(db, project, {"base": "bundled"})
    naughty_home.report(db, project, group, again.id)
    for n, document in enumerate(documents.list_ids(db, project)):
        operation = {"seq": 1, "base_revision": 0, "kind": "comment", "comment": group[n]}
        journal.apply_operations(db, project, document, NAME, f"c{n}", [operation])


def _pairs(db: Database, group: Sequence[str]) -> None:
    project = projects.create_project(db, "pairs", "pairs")
    both = zip(group, reversed(group), strict=True)
    found = [Document(one, second_text=two, name=one) for one, two in both]
    documents.add_documents(db, project.id, found, NAME)


def _compared(db: Database, group: Sequence[str]) -> None:
    """Make a project with two runs that can be compared, and a monitor of what is not there."""
    names = group[: naughty_home.LABELS]
    project = projects.create_project(db, "compared").id
    given = [
        Document(text, spans=(Span(0, 1, names[n % len(names)]),), name=text, split=Split.TEST)
        for n, text in enumerate(group)
    ]
    given = [replace(each, status=Status.DONE) for each in given]
    documents.add_documents(db, project, given, NAME)
    known = list(journal.current(db, project, Split.TEST))
    right = {each.id: list(each.spans) for each in known}
    wrong = {each.id: [replace(each.spans[0], label=names[0])] for each in known}
    for found, note in ((right, group[0]), (wrong, group[1])):
        run = reported(db, project, known, found, tuple(names))
        runs.set_note(db, run.id, note)
    monitors.create(db, project, group[2], Watching(f"/nowhere/{group[3]}", run.id))


def _catalogue(db: Database, group: Sequence[str], base: Path) -> None:
    """Make a project of pairs whose catalogue has naughty items."""
    project = projects.create_project(db, "catalogue", "pairs").id
    projects.add_labels(db, project, list(catalogued.LABELS))
    catalogued.shelve(db, project, base, group)


@pytest.fixture
def watched(server: AppServer, visitor: Visitor) -> Iterator[Watched]:
    """A page that is signed in as the attack."""
    page = visitor.open(f"{server.url}/login", visitor.context())
    page.set_default_timeout(FIRST_PAGE)
    watched = Watched(page)

    def guard(route: Route) -> None:
        if route.request.url.startswith((server.url, "data:", "blob:")):
            route.continue_()
        else:
            watched.done.append(f"asked {route.request.url}")
            route.abort()

    def refuse(dialog: Dialog) -> None:
        watched.done.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    page.context.route("**/*", guard)
    page.on("dialog", refuse)
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Sign in").click()
    settled(page)
    expect(page.get_by_test_id("stSidebar")).to_contain_text(NAME)
    yield watched


@pytest.mark.parametrize("name", table.PAGES)
def test_nothing_runs_and_everything_is_shown_as_it_is(
    watched: Watched, server: AppServer, groups: list[list[str]], name: str
) -> None:
    path = "" if name == "home" else name
    # All of them where texts are listed; elsewhere they are names, of which a few say as much.
    step = 1 if name in ("data", "tag") else 5
    for number, group in list(enumerate(groups, 1))[::step]:
        watched.page.goto(f"{server.url}/{path}?project={number}")
        settled(watched.page)
        # A guideline may have links: nobody but a person follows them.
        found = [each for each in watched.found() if not (name == "guideline" and is_link(each))]
        assert found == [], f"project {number}"
        assert changed(watched.page, group) == [], f"project {number}"


def is_link(element: str) -> bool:
    return element.startswith(('<a href="http', '<a href="mailto:'))


@pytest.mark.parametrize(("path", "view"), VIEWS)
def test_every_view_of_a_page_too(
    watched: Watched, server: AppServer, groups: list[list[str]], path: str, view: str
) -> None:
    for number, group in list(enumerate(groups, 1))[::5]:
        watched.page.goto(f"{server.url}/{path}&project={number}")
        settled(watched.page)
        # An address that names no view shows the first one.
        expect(watched.page.get_by_role("radio", name=view, checked=True)).to_be_visible()
        assert watched.found() == [], f"project {number}"
        assert changed(watched.page, group) == [], f"project {number}"


@pytest.mark.parametrize(("show", "title"), choice.VIEWS.items())
def test_a_comparison_of_runs_too(
    watched: Watched, server: AppServer, groups: list[list[str]], show: str, title: str
) -> None:
    watched.page.goto(f"{server.url}/compare?show={show}&project={len(groups) + 2}")
    settled(watched.page)
    expect(watched.page.get_by_role("radio", name=title, checked=True)).to_be_visible()
    assert watched.found() == []
    assert changed(watched.page, groups[0]) == []


def test_a_monitor_that_cannot_read_its_source_too(
    watched: Watched, server: AppServer, groups: list[list[str]]
) -> None:
    watched.page.goto(f"{server.url}/monitor?project={len(groups) + 2}")
    settled(watched.page)
    expect(watched.page.get_by_role("combobox", name="Monitor")).to_have_value(groups[0][2])
    assert watched.found() == []
    assert changed(watched.page, groups[0]) == []


def test_the_lists_of_labels_too(
    watched: Watched, server: AppServer, groups: list[list[str]]
) -> None:
    watched.page.goto(f"{server.url}/data?section=Labels&project=1")
    settled(watched.page)
    watched.page.get_by_role("button", name="Lists").click()
    expect(watched.page.get_by_text("Add labels from a file")).to_be_visible()
    assert watched.found() == []
    assert changed(watched.page, groups[0]) == []


@pytest.mark.parametrize("path", ["train", "settings", "report", "match", "monitor"])
def test_what_is_folded_or_behind_a_button_too(
    watched: Watched, server: AppServer, groups: list[list[str]], path: str
) -> None:
    page = watched.page
    for number in (1, len(groups) + 2):
        page.goto(f"{server.url}/{path}?project={number}")
        settled(page)
        page.get_by_test_id("stMain").evaluate(UNFOLD)
        settled(page)
        looked_at(watched, groups[0])
        behind = page.get_by_test_id("stMain").locator("[data-testid=stPopoverButton]:enabled")
        for n in range(min(behind.count(), 6)):
            behind.nth(n).click()
            expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
            settled(page)
            looked_at(watched, groups[0])
            page.keyboard.press("Escape")
            expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)


def looked_at(watched: Watched, group: list[str]) -> None:
    assert watched.found() == []
    assert changed(watched.page, group) == []


def test_answers_of_a_catalogue_too(
    watched: Watched, server: AppServer, groups: list[list[str]]
) -> None:
    page = watched.page
    page.goto(f"{server.url}/match?project={len(groups) + 3}")
    settled(page)
    page.locator("textarea").fill(groups[0][0])
    page.get_by_role("button", name="Find answers").click()
    expect(page.locator(".answer")).to_have_count(10, timeout=FIRST_PAGE)
    looked_at(watched, groups[0])


@pytest.mark.parametrize("path", ["data", "tag", "review", "match", "try", "compare"])
def test_pairs_too(watched: Watched, server: AppServer, groups: list[list[str]], path: str) -> None:
    watched.page.goto(f"{server.url}/{path}?project={len(groups) + 1}")
    settled(watched.page)
    assert watched.found() == []
    assert changed(watched.page, groups[0]) == []


def test_a_cell_of_the_report_and_its_sentences_too(
    watched: Watched, server: AppServer, groups: list[list[str]]
) -> None:
    for number, group in list(enumerate(groups, 1))[::5]:
        watched.page.goto(f"{server.url}/report?project={number}&only=errors&gold=*")
        settled(watched.page)
        assert watched.found() == [], f"project {number}"
        assert changed(watched.page, group) == [], f"project {number}"


def test_what_stands_in_an_address_too(watched: Watched, server: AppServer) -> None:
    for text in ATTACKS:
        for path, name in (("report", "gold"), ("data", "find"), ("tag", "queue")):
            watched.page.goto(f"{server.url}/{path}")
            watched.page.evaluate(
                "([name, text]) => { location.search = `?${name}=${encodeURIComponent(text)}` }",
                [name, text],
            )
            watched.page.wait_for_load_state()
            settled(watched.page)
            assert watched.found() == [], (path, text)
