"""The pages that there are; those that whoever acts may not open are not in the menu.

They stay known, for other pages link to them, and say why they do not open.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from pages.access import table
from storage import permissions
from storage.collaboration import assignments, people, thread_lists
from storage.collaboration.rules import starts
from storage.database.store import database
from storage.permissions import Person

HOME = "home"
TALK = "talk"
TEAM = "team"


@dataclass(frozen=True, slots=True)
class Listed:
    """A page: its script and address (Home's is the first), its title and icon.

    ``for_several`` ones are in the menu only where several people are. ``room`` is the package
    below ``pages`` that its script is in, where that is not ``pages`` itself.
    """

    name: str
    title: str
    icon: str
    for_several: bool = False
    room: str = ""

    @property
    def script(self) -> str:
        """Return the script's path below ``pages``, as links to it name it."""
        return f"{self.room}/{self.name}.py" if self.room else f"{self.name}.py"

    @property
    def url_path(self) -> str:
        return "" if self.name == HOME else self.name

    def seen(self, shown: bool) -> st.Page:
        """Return it as Streamlit's, in the menu or not."""
        return st.Page(
            self.script,
            title=self.title,
            icon=f":material/{self.icon}:",
            url_path=self.url_path,
            default=self.name == HOME,
            visibility="visible" if shown else "hidden",
        )


PAGES = (
    Listed(HOME, "Home", "home"),
    Listed("data", "Data", "folder_open"),
    Listed("tag", "Tag", "ink_highlighter"),
    Listed("guideline", "Guideline", "menu_book"),
    Listed(TALK, "Talk", "forum", for_several=True),
    Listed("train", "Train", "model_training"),
    Listed("report", "Report", "grid_on"),
    Listed("compare", "Compare", "compare_arrows"),
    Listed("review", "Review", "rule"),
    Listed(TEAM, "Team", "groups", for_several=True, room="together"),
    Listed("agreement", "Agreement", "handshake", for_several=True, room="together"),
    Listed("adjudicate", "Adjudicate", "balance", for_several=True, room="together"),
    Listed("notebook", "Notebook", "science", room="knowledge"),
    Listed("try", "Try it", "neurology"),
    Listed("models", "Models", "deployed_code", room="serving"),
    Listed("match", "Match", "join_inner"),
    Listed("monitor", "Monitor", "monitoring"),
    Listed("settings", "Settings", "settings"),
    Listed("account", "Account", "account_circle"),
)


def for_whoever_acts() -> list[st.Page]:
    """Return all pages, those in the menu that whoever acts may open."""
    kept_out = _kept_out(permissions.current(), st.session_state.get("project"))
    return [listed.seen(listed.name not in kept_out) for listed in PAGES]


def _kept_out(person: Person | None, project: int | None) -> Collection[str]:
    """Return the names of the pages that are not in the menu of the open project."""
    if person is None:
        return {"account", *_of_several(project)}
    refused = {name for name, ability in table.PAGES.items() if not person.may(ability)}
    blind = project is not None and starts.refusal(database(), project)
    return refused | table.SHOWING_OTHERS if blind else refused


def _of_several(project: int | None) -> set[str]:
    """Return the pages of several people that one person alone has no use for."""
    if project is not None and people.are_several(database(), project):
        return set()
    found = {listed.name for listed in PAGES if listed.for_several}
    if project is None:
        return found
    # Alone, talk is notes to oneself: there once something was noted. And who gives documents out,
    # or has a queue, is to find what was said of them, before anybody else has come.
    asked = {TALK: thread_lists.exist, TEAM: assignments.are_given_out}
    return found - {name for name, exist in asked.items() if exist(database(), project)}


def hidden() -> list[st.Page]:
    """Return all pages, none in the menu: for when nobody can tell who acts."""
    return [listed.seen(False) for listed in PAGES]


def is_open(page: st.Page) -> bool:
    """Tell whether whoever acts may open a page."""
    return not refusal(page)


def refusal(page: st.Page) -> str:
    """Return why a page does not open; "" where it does."""
    return refused(page.url_path or HOME)


def refused(name: str) -> str:
    """Return why the page of a name does not open for whoever acts; "" where it does."""
    return permissions.refusal(table.PAGES[name]) or _closed_to_blind(name)


def _closed_to_blind(name: str) -> str:
    """Return why a page that shows others' labels stays closed in the open project; else ""."""
    project = st.session_state.get("project")
    if name not in table.SHOWING_OTHERS or project is None:
        return ""
    return starts.refusal(database(), project)
