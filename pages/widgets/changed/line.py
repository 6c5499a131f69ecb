"""The line "5 suspects changed · Show": it looks by itself, and moves nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.coaching import changes
from pages.coaching.changes import Since
from pages.widgets.common.words import count
from storage.types import Project

SECONDS = 2.0
KEY = "Alt+O"
ELSEWHERE = "elsewhere"
"""Where no list is shown that could be made anew."""
ABOUT = "What you see stays until you ask."


def begin(project: Project, place: str) -> None:
    """Note that a place shows what there is now: what comes later has changed."""
    for each in (place, ELSEWHERE):
        st.session_state[_key(project, each)] = Since(project.id)


def show(
    project: Project,
    place: str,
    again: Callable[[], None],
    words: Callable[[Since], str] | None = None,
) -> None:
    """Say what has changed since ``begin``; ``again`` shows it, and the page runs again.

    A place of which not all matters has its own ``words``.
    """
    if _key(project, place) not in st.session_state:
        begin(project, place)
    st.html(Path(__file__).with_suffix(".css"))
    with st.container(key="changed"):
        st.fragment(_line, run_every=SECONDS)(project, place, again, words or in_words)


def show_elsewhere(project: Project) -> None:
    """Say it on a page that lists none of it: who asks is led to the list."""

    def lead() -> None:
        since = st.session_state[_key(project, ELSEWHERE)]
        view, params = ("review.py", {"view": "Suspects"}) if since.suspects else ("tag.py", {})
        begin(project, ELSEWHERE)
        st.switch_page(view, query_params=params)

    show(project, ELSEWHERE, lead)


def _line(
    project: Project, place: str, again: Callable[[], None], words: Callable[[Since], str]
) -> None:
    changes.look(project.id)
    since: Since = st.session_state[_key(project, place)]
    since.hear()
    said = words(since)
    if said and st.button(f"{said} · Show", key=f"changed-{place}", help=ABOUT, shortcut=KEY):
        again()
        st.rerun(scope="app")


def in_words(since: Since) -> str:
    """Say it: "5 suspects and 12 suggestions changed"."""
    counts = {"suspect": since.suspects, "suggestion": since.suggestions}
    parts = [count(number, noun) for noun, number in counts.items() if number]
    return f"{' and '.join(parts)} changed" if parts else ""


def _key(project: Project, place: str) -> str:
    return f"changed-since-{place}-{project.id}"
