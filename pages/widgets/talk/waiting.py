"""What waits for whoever acts, in one line on Home: "2 mentions, 1 open question", with links."""

from __future__ import annotations

import streamlit as st

from engine.knowledge.threads import about
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.talk import places
from storage.collaboration import thread_lists
from storage.collaboration.thread_lists import Waiting
from storage.collaboration.threads import Thread
from storage.database import settings
from storage.database.store import database
from storage.types import Project

MOST = 3


def show(project: Project) -> None:
    """Show it where anything waits: the mentions lead to their places, all to the list."""
    found = thread_lists.waiting(database(), project.id)
    if found == Waiting():
        return
    with st.container(key="talk-waiting", horizontal=True, vertical_alignment="center"):
        st.page_link("talk.py", label=in_words(found), icon=":material/forum:")
        for each in thread_lists.unseen(database(), project.id, MOST):
            place = places.of(each)
            st.page_link(
                place.page,
                label=_label(each),
                icon=":material/alternate_email:",
                query_params=place.params,
            )


def in_words(found: Waiting) -> str:
    """Say it: "2 mentions, 1 open question"."""
    counts = {"mention": found.mentions, "open question": found.open}
    return ", ".join(count(number, noun) for noun, number in counts.items() if number)


def _label(thread: Thread) -> str:
    me = settings.annotator(database())
    others = [each.author for each in thread.comments if each.author != me]
    return literal(f"{(others or [me])[-1]} on {about(thread)}")
