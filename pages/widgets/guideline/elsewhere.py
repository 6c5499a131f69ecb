"""What other projects know, found by one search box and taken over; projects to start from."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.widgets.common import errors, leave, words
from pages.widgets.common.errors import literal
from pages.widgets.common.kinds import STARTS
from pages.widgets.common.words import count
from pages.widgets.train import form
from storage.collaboration import queues
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.finding.selection import Order, Selection
from storage.knowledge import elsewhere, taking_over
from storage.knowledge.elsewhere import Found, Kind, Like
from storage.knowledge.taking_over import Taken
from storage.types import Project

LONGEST = 400
TOLD = "elsewhere-told"
TITLES = {
    Kind.LESSON: "Lesson",
    Kind.GUIDELINE: "Guideline",
    Kind.LABELS: "Labels",
    Kind.WORDS: "Word list",
}
TAKING: dict[Kind, Callable[..., object]] = {
    Kind.LESSON: taking_over.take_lesson,
    Kind.GUIDELINE: taking_over.take_guideline,
    Kind.LABELS: taking_over.take_labels,
    Kind.WORDS: taking_over.take_list,
}


def show(project: Project) -> None:
    """Offer projects with the same labels, then all that others know."""
    if told := st.session_state.pop(TOLD, None):
        st.toast(literal(told), icon=":material/check:")
    for each in elsewhere.like(database(), project.id)[:3]:
        _like(project, each)
    asked = st.text_input(
        "Find lessons, guidelines, labels and word lists of other projects",
        key="elsewhere-words",
        placeholder="A label's name, or words",
        icon=":material/search:",
        max_chars=200,
    )
    found = elsewhere.find(database(), project.id, asked)
    if not found:
        st.caption(
            "No other project knows of these words."
            if asked
            else "No other project knows anything."
        )
    for place, one in enumerate(found):
        _row(project, one, place)
    if len(found) == elsewhere.MOST:
        st.caption("More was found: say more words.")


def _like(project: Project, like: Like) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/conversion_path: **{literal(like.name)}** labels with "
            f"{like.shared} of these {count(like.labels, 'label')}, too.",
            width="stretch",
        )
        doubted = taking_over.suspects(database(), project.id, like.project)
        if doubted:
            asked = leave.to(queues.stand)
            if st.button(
                f"Look at {count(len(doubted), 'suspect')} of its",
                key=f"suspects-{like.project}",
                disabled=asked["disabled"],
                help=asked["help"]
                or "The same texts are here: a check doubted their labels there.",
            ):
                _look(project, like, doubted)
        st.button(
            "Start from it",
            key=f"start-{like.project}",
            icon=":material/move_down:",
            on_click=_start,
            args=(project.id, like),
            **leave.to(
                taking_over.start_from,
                f"{STARTS} What is here stays.",
            ),
        )


def _row(project: Project, found: Found, place: int) -> None:
    said = found.said if len(found.said) <= LONGEST else f"{found.said[:LONGEST]}…"
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            st.markdown(literal(" ".join(said.split())))
            st.caption(literal(f"{TITLES[found.kind]} · {found.of} · {found.title}"))
        st.button(
            "Take over",
            key=f"take-{place}-{found.kind}-{found.id}",
            icon=":material/content_copy:",
            on_click=_take,
            args=(project.id, found),
            **leave.to(TAKING[found.kind], "A copy, which says where it comes from."),
        )


def _take(project_id: int, found: Found) -> None:
    try:
        taken = TAKING[found.kind](database(), project_id, found.id)
    except WhetstoneError as error:
        st.session_state["guideline-error"] = str(error)
    else:
        told = said(taken) if isinstance(taken, Taken) else "The lesson is in the notebook"
        st.session_state[TOLD] = f"{told}, from {found.of}."


def _start(project_id: int, like: Like) -> None:
    try:
        taken = taking_over.start_from(database(), project_id, like.project)
        form.forget(project_id)
    except WhetstoneError as error:
        st.session_state["guideline-error"] = str(error)
    else:
        st.session_state[TOLD] = f"{said(taken)}, from {like.name}."


def said(taken: Taken) -> str:
    """Say what was taken over."""
    parts = [
        count(number, noun)
        for number, noun in (
            (taken.labels, "label"),
            (taken.examples, "example"),
            (taken.lists, "word list"),
        )
        if number
    ]
    return f"Taken over: {', '.join(parts)}" if parts else "Its text was taken over, if it had any"


def _look(project: Project, like: Like, documents: list[int]) -> None:
    noun = words.of(project).document
    reason = f"A check of {like.name} doubts the labels of this very {noun} there."
    try:
        name = f"Suspects of {like.name}"[:180]
        made = queues.stand(database(), project.id, name, reason=reason, documents=documents)
    except WhetstoneError as error:
        errors.show(error)
    else:
        queue = Selection(Order.GIVEN, given=made.id).name
        st.switch_page("tag.py", query_params={"queue": queue, "document": str(documents[0])})
