"""Talk beside what it is about: a quiet button that says how many threads are open there.

It opens by itself where the address names one of its threads.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.knowledge.threads import shortened
from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.talk import places, thread
from storage.cells import Cell
from storage.collaboration import about as abouts
from storage.collaboration import thread_lists
from storage.collaboration.about import About, Kind
from storage.collaboration.threads import Thread
from storage.database.store import database
from storage.types import Project, Run


def about_run(project: Project, run: Run) -> None:
    """Show what was said of a run as a whole; of its cells, each cell does."""
    place = abouts.on_run(run.id)
    found = [
        each
        for each in thread_lists.on(database(), project.id, place)
        if each.about.kind is Kind.RUN
    ]
    _button(project, place, found, f"talk-run-{run.id}", f"About {run.title}")


def about_part(project: Project, part: Cell) -> None:
    """Show what was said of a cell, a row or a column of a run's confusion table."""
    if not (part.gold or part.predicted):
        return
    run, split, gold, predicted = part[:4]
    place = abouts.on_cell(run, split, gold, predicted)
    found = thread_lists.on(database(), project.id, place)
    key = f"talk-cell-{run}-{split}-{gold}-{predicted}"
    _button(project, place, found, key, f"About {literal(Cell(run, split, gold, predicted).title)}")


def about_labels(project: Project) -> None:
    """Show the talk about each label that has any, and a way to begin one about any."""
    known = {label.name: abouts.on_label(label.id) for label in project.labels if label.id}
    talked = thread_lists.by_label(database(), project.id)
    if not known:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, place in known.items():
            if name in talked:
                key = f"talk-label-{place.label}"
                _button(project, place, talked[name], key, "", literal(name))
        with st.popover("Talk about a label", icon=":material/forum:", type="tertiary"):
            chosen = st.selectbox("Label", list(known), key="talk-label")
            thread.begin(project, known[chosen], "talk-label")


def _button(
    project: Project,
    place: About,
    found: Sequence[Thread],
    key: str,
    title: str,
    caption: str = "Talk",
) -> None:
    left = sum(each.is_open for each in found)
    _open_for_address(found, key)
    box = st.popover(
        f"{caption} · {left}" if left else caption,
        icon=":material/mark_chat_unread:" if _unread(found) else ":material/forum:",
        type="tertiary",
        key=key,
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        if title:
            st.caption(title)
        for each in found:
            if each.is_open:
                thread.show(each)
                st.divider()
        done = [each for each in found if not each.is_open]
        for each in done:
            with st.expander(literal(shortened(each.comments[0].text)), type="compact"):
                thread.show(each)
        thread.begin(project, place, key)


def _open_for_address(found: Sequence[Thread], key: str) -> None:
    """Open what the address asks for, once: who closes it has it closed."""
    asked = address.read_id(places.THREAD)
    heard = f"{key}-asked"
    if asked != st.session_state.get(heard) and any(each.id == asked for each in found):
        st.session_state[key] = True
        st.session_state[heard] = asked


def _unread(found: Sequence[Thread]) -> bool:
    return any(each.is_unread for each in found)
