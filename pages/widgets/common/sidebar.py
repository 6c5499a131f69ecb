"""The project picker, on every page, and the project it picked."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import address, kinds
from pages.widgets.common.errors import literal
from storage import permissions
from storage.corpus import projects
from storage.database import settings
from storage.database.store import database, note
from storage.errors import WhetstoneError
from storage.permissions import Ability, may
from storage.types import Project

LAST = "last_project"


def choose_project() -> None:
    """Show the picker in the sidebar. A ``?project=`` in the address wins over the last choice."""
    known = {project.id: project.name for project in projects.list_projects(database())}
    with st.sidebar:
        if known:
            _sync(known)
            _picker(known)
        if may(Ability.MANAGE) and st.button("New project", icon=":material/add:", width="stretch"):
            _new_project()


def _sync(known: dict[int, str]) -> None:
    """Make the session's choice a project that exists."""
    asked = address.read_id("project")
    if asked in known and st.session_state.get("asked") != asked:
        st.session_state["asked"] = asked
        _choose(asked)
    if st.session_state.get("project") not in known:
        last = [settings.get(database(), key) for key in _noted_under()]
        _choose(next((each for each in last if each in known), next(iter(known))))


def _picker(known: dict[int, str]) -> None:
    """Let a person choose; what the box says counts only until the program has chosen.

    The browser sends the box's value at any time, also one from before a project was opened:
    so the choice itself is no widget's state, and each choice of the program has a new box.
    """
    ids, key = list(known), f"project-{st.session_state.get('project-turn', 0)}"
    st.selectbox(
        "Project",
        options=ids,
        index=ids.index(st.session_state["project"]),
        format_func=lambda project_id: known.get(project_id, "?"),
        key=key,
        on_change=_remember,
        args=(key,),
        persist_state="session",
    )


def _remember(key: str) -> None:
    """Take what a person chose in the box, where that box is still the one that is shown."""
    chosen = st.session_state.get(key)
    # A browser that has not yet heard of a project's new name sends the old one: no choice.
    if isinstance(chosen, int) and key == f"project-{st.session_state.get('project-turn', 0)}":
        st.session_state["project"] = chosen
        _note(chosen)


def _noted_under() -> list[str]:
    """Return under what the last choice is kept: one's own, then anybody's."""
    person = permissions.current()
    return [*([f"{LAST}:{person.name}"] if person else []), LAST]


def _note(project_id: int | None) -> None:
    for key in _noted_under():
        note(key, project_id)


def _choose(project_id: int | None) -> None:
    st.session_state["project"] = project_id
    st.session_state["project-turn"] = st.session_state.get("project-turn", 0) + 1


def current_project() -> Project | None:
    """Return the project chosen in the sidebar, or None when there is none yet."""
    chosen = st.session_state.get("project")
    return projects.get_project(database(), chosen) if chosen is not None else None


def require_project() -> Project:
    """Return the chosen project, or show what to do and end the page."""
    project = current_project()
    if project is None:
        st.info("There is no project yet.", icon=":material/info:")
        st.page_link("home.py", label="Open a sample project or make your own")
        st.stop()
    return project


def open_project(project_id: int | None) -> None:
    """Make a project (None: any other) the current one from the next rerun on."""
    _note(project_id)
    _choose(project_id)


@st.dialog("New project")
def _new_project() -> None:
    # In a form the name arrives with the click; else it is sent first, and the click is lost
    # on a button that is being drawn anew.
    with st.form("new-project-form", border=False, enter_to_submit=True):
        above = st.container()
        task = kinds.choose("new-project-kind")
        other = kinds.choose_start(database())
        created = st.form_submit_button("Create", type="primary")
        # Enter is lost in a form whose button has not come yet: the field comes after it.
        name = above.text_input("Name", max_chars=100, placeholder="Press releases 2026")
    if created:
        try:
            open_project(kinds.create(database(), name.strip(), task, other).id)
        except WhetstoneError as error:
            st.error(literal(str(error)))
        else:
            st.rerun()
