"""What is offered to an annotator may be used: the rest is disabled, and says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.access import session, table
from storage.database.connection import Database
from storage.permissions import ROLES, Role
from storage.types import Run, RunKind, RunState
from tests.pages import reported
from tests.pages.access.conftest import begin
from tests.pages.conftest import Open

REFUSED = "ask an admin"
BOBS = [name for name, needs in table.PAGES.items() if needs in ROLES[Role.ANNOTATOR]]
# Each shows other buttons.
VIEWS = [("review", "Suspects"), ("review", "Strings"), ("report", "Stress tests")]
VIEWS += [("guideline", "Edit")]
# The most buttons; the others only where there is time, for each is pressed on a page of its own.
QUICK = [("home", ""), ("tag", ""), ("report", ""), ("review", "Suspects")]
SHOWN = [
    each if each in QUICK else pytest.param(*each, marks=pytest.mark.long)
    for each in [*((name, "") for name in BOBS), *VIEWS]
]


@pytest.fixture
def bob(db: Database, sample: int, people: None, make_run: Callable[..., Run], monkeypatch) -> None:
    """Bob is signed in; there is a model with a report, and a check that was cancelled."""
    token = begin(db, "Bob")
    reported.store(db, sample, make_run(RunState.DONE).id)
    make_run(RunState.CANCELLED, kind=RunKind.CROSS_VALIDATION)
    monkeypatch.setattr(session, "token", lambda: token)


def refused(app: AppTest) -> list[str]:
    shown = [*app.error, *app.info, *app.warning]
    return [each.value for each in shown if REFUSED in each.value]


@pytest.mark.parametrize(("name", "view"), SHOWN)
def test_no_button_or_link_of_an_annotator_is_refused_when_it_is_pressed(
    bob: None, open_page: Open, name: str, view: str
) -> None:
    asked = {"view": view} if view else {}
    app = open_page(name, **asked)
    for link in app.get("page_link"):
        page = link.proto.page or "home"
        if page in table.PAGES and table.PAGES[page] not in ROLES[Role.ANNOTATOR]:
            assert link.proto.disabled and REFUSED in link.proto.help, page
    keys = [(each.key, each.label) for each in app.button if not each.disabled]
    for key, label in keys:
        if label == "Sign out":
            continue
        app = open_page(name, **asked)
        found = [b for b in app.button if (b.key, b.label) == (key, label)]
        if found:
            found[0].click().run()
            assert not refused(app), label


def test_a_disabled_button_says_why(bob: None, open_page: Open) -> None:
    app = open_page("report")
    again = app.button(key="train-again")
    assert again.disabled and "who may not start" in again.help.replace("\\", "")
