"""Changes of many documents at once, and the way back from each, however old it is."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from pages.widgets.common import words
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.actions import actions
from storage.actions.actions import Action
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.types import Project

SHOWN = 20
_DONE = "action-done"


def show(project: Project) -> None:
    """List the changes, the newest first, each with a button that takes it back."""
    st.subheader("Changes")
    limit = st.session_state.get("changes-shown", SHOWN)
    found = actions.list_actions(database(), project.id, limit + 1)
    if not found:
        st.caption("What you change in many documents at once is listed here.")
        return
    st.caption("Each can be taken back, also weeks later; what was edited since then stays.")
    with st.container(border=True):
        for action in found[:limit]:
            _row(action, words.of(project).mark)
    if len(found) > limit:
        st.button("Show more", on_click=_show_more, args=(limit,))


def remember(action: Action) -> None:
    """Keep an action for the next run of the page, which says what it did."""
    st.session_state[_DONE] = action


def say(project: Project) -> None:
    """Say what the action that was just carried out did; once."""
    action = st.session_state.pop(_DONE, None)
    if action is not None:
        say_of(project, action)


def say_of(project: Project, action: Action) -> None:
    """Say what an action did."""
    mark = words.of(project).mark
    what = f": {counted(action.spans, action.documents, mark)}" if action.spans else ""
    st.success(literal(f"{action.title}{what}."), icon=":material/check_circle:")
    if action.skipped:
        st.warning(literal(_unfitting(action)), icon=":material/info:")


def counted(marks: int, documents: int, mark: str = "span") -> str:
    """Say how many marks, called so, in how many documents."""
    return f"{count(marks, mark)} in {count(documents, 'document')}"


def _row(action: Action, mark: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            st.markdown(literal(action.title))
            st.caption(literal(" · ".join(_facts(action, mark))))
        if action.reversed_by is None:
            # What took something back is itself taken back by doing that again.
            label, icon = (
                ("Repeat", ":material/redo:")
                if action.takes_back
                else ("Take back", ":material/undo:")
            )
            if st.button(label, key=f"reverse-{action.id}", icon=icon):
                _reverse(action)


def _facts(action: Action, mark: str) -> list[str]:
    made = datetime.fromisoformat(action.created_at).astimezone()
    facts = [f"{made:%Y-%m-%d %H:%M}", action.annotator]
    # A label's new name touches no span's row.
    if action.spans:
        facts.append(counted(action.spans, action.documents, mark))
    if action.skipped:
        facts.append(f"{action.skipped:,} no longer fitted")
    if action.reversed_by is not None:
        facts.append("taken back")
    return facts


def _reverse(action: Action) -> None:
    db = database()
    try:
        with st.spinner("Taking it back"):
            remember(actions.reverse(db, action.id, settings.annotator(db)))
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun()


def _show_more(limit: int) -> None:
    st.session_state["changes-shown"] = limit + 5 * SHOWN


def _unfitting(action: Action) -> str:
    what = "edit no longer fits" if action.skipped == 1 else "edits no longer fit"
    return f"{action.skipped:,} {what}, and left everything as it is there."
