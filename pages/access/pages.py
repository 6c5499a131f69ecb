"""The pages that there are; those that whoever acts may not open are not in the menu.

They stay known, for other pages link to them, and say why they do not open.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.access import table
from storage import permissions
from storage.collaboration import people, thread_lists
from storage.collaboration.rules import starts
from storage.database.store import database
from storage.permissions import Person

HOME = "home"
TALK = "talk"


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

    def page(self, person: Person | None) -> st.Page:
        """Return it as Streamlit's, in the menu where somebody may open it."""
        if person is None:
            shown = not self.for_several or _are_several() or (self.name == TALK and _is_talk())
            return self.seen(self.name != "account" and shown)
        return self.seen(person.may(table.PAGES[self.name]) and not _closed_to_blind(self.name))

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
    Listed("team", "Team", "groups", for_several=True, room="together"),
    Listed("agreement", "Agreement", "handshake", for_several=True, room="together"),
    Listed("notebook", "Notebook", "science", room="knowledge"),
    Listed("adjudicate", "Adjudicate", "balance", for_several=True, room="together"),
    Listed("try", "Try it", "neurology"),
    Listed("match", "Match", "join_inner"),
    Listed("monitor", "Monitor", "monitoring"),
    Listed("settings", "Settings", "settings"),
    Listed("account", "Account", "account_circle"),
)


def _are_several() -> bool:
    """Tell whether several have labelled in the open project, where nobody signs in."""
    project = st.session_state.get("project")
    return project is not None and people.are_several(database(), project)


def _is_talk() -> bool:
    """Tell whether anything was said in the open project: alone, notes to oneself."""
    project = st.session_state.get("project")
    return project is not None and thread_lists.exist(database(), project)


def for_whoever_acts() -> list[st.Page]:
    """Return all pages, those in the menu that whoever acts may open."""
    person = permissions.current()
    return [listed.page(person) for listed in PAGES]


def hidden() -> list[st.Page]:
    """Return all pages, none in the menu: for when nobody can tell who acts."""
    return [listed.seen(False) for listed in PAGES]


def is_open(page: st.Page) -> bool:
    """Tell whether whoever acts may open a page."""
    return not refusal(page)


def refusal(page: st.Page) -> str:
    """Return why a page does not open; "" where it does."""
    name = page.url_path or HOME
    return permissions.refusal(table.PAGES[name]) or _closed_to_blind(name)


def _closed_to_blind(name: str) -> str:
    """Return why a page that shows others' labels stays closed in the open project; else ""."""
    project = st.session_state.get("project")
    if name not in table.SHOWING_OTHERS or project is None:
        return ""
    return starts.refusal(database(), project)
