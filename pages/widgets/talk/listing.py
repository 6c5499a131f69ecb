"""All threads of a project: open, one's own, resolved; found by words, each opened in place."""

from __future__ import annotations

import streamlit as st

from engine.knowledge.threads import about, shortened
from pages.widgets.common import address, leave
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.talk import places, thread
from storage.collaboration import thread_lists
from storage.collaboration.thread_lists import State
from storage.collaboration.threads import Thread
from storage.database.store import database
from storage.types import Project

PAGE = 20
OPEN, MINE, RESOLVED = "Open", "Mine", "Resolved"
VIEWS = {OPEN: State.OPEN, MINE: State.ALL, RESOLVED: State.RESOLVED}


def show(project: Project) -> None:
    """Show the list, a page at a time."""
    with st.container(horizontal=True, vertical_alignment="center"):
        view = address.choice("Which", list(VIEWS), "view")
        words = st.text_input(
            "Search",
            type="search",
            key="talk-words",
            placeholder="Words, a name, a label",
            label_visibility="collapsed",
            width=280,
        )
    found = thread_lists.part(
        database(),
        project.id,
        VIEWS[view],
        mine=view == MINE,
        words=words,
        page=st.session_state.get("talk-page", 1),
        size=PAGE,
    )
    if not found.threads:
        _say_none(view, words)
        return
    if found.total > PAGE:
        st.pagination(-(-found.total // PAGE), key="talk-page")
    for each in found.threads:
        _row(each)


def _say_none(view: str, words: str) -> None:
    st.caption(
        "No thread has these words."
        if words
        else "Nothing waits."
        if view == OPEN
        else "Nothing yet."
    )
    st.caption(
        "A thread begins beside what it is about: on Tag with T, at a label on Guideline, at a run "
        "or a cell on Report. @ and a name tells somebody."
    )


def _row(each: Thread) -> None:
    first, newest = each.comments[0], each.comments[-1]
    answers = f" · {count(len(each.comments) - 1, 'answer')}" if len(each.comments) > 1 else ""
    state = "" if each.is_open else " · resolved"
    newest_said = f"{newest.author}, {thread.moment(newest.created_at)}{answers}{state}"
    box = st.expander(
        f"**{literal(about(each))}** — {literal(first.author)}: {literal(shortened(first.text))}",
        key=f"talk-{each.id}",
        icon=f":material/{'alternate_email' if each.is_unread else places.ICONS[each.about.kind]}:",
        on_change="rerun",
    )
    with box:
        if box.open:
            place = places.of(each)
            with st.container(horizontal=True, vertical_alignment="center"):
                leave.page_link(
                    place.page,
                    label="Open the place",
                    icon=":material/open_in_new:",
                    query_params=place.params,
                )
                st.caption(literal(newest_said), width="content")
            thread.show(each)
