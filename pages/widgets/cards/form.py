"""What cards cannot know by themselves, asked once; the data card to take along."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from engine.knowledge.cards import asked, data_card, reading
from pages.widgets.common import errors, leave
from pages.widgets.downloads import texts
from storage.corpus import projects
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.knowledge import cards
from storage.knowledge.cards import LICENCES, LONGEST, OTHER, Answers
from storage.types import Project

HEIGHT = 100
# The field of an answer, its title, what helps to answer it.
QUESTIONS = {
    "intended": ("Intended use", "What are the data and its models for? Whom do they serve?"),
    "out_of_scope": ("Out of scope", "What must they not be used for?"),
    "source": (
        "Where the texts come from",
        "Who wrote them, when, how they were chosen, who labelled them.",
    ),
    "personal": ("Personal data", "Which is in the texts, and what was done about it? Or: none."),
}
FILES = {
    "markdown": ("README.md for the hub", "README.md", "text/markdown"),
    "html": ("One page to read and to print", "*-card.html", "text/html"),
}


def show(project: Project | None) -> None:
    """Show the questions with what was answered, and the card to download."""
    if project is None:
        st.caption("There is no project yet.")
        return
    given = cards.answers(database(), project.id)
    _fill(project, given)
    missing = [title for title, answer in asked.sections(given) if not answer]
    left = f" Not answered yet: {', '.join(missing)}." if missing else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "The card of this project's data, and those of its models, fill themselves with sizes, "
            f"labels, figures and limits. What is asked here nothing else can tell.{left}",
            width="stretch",
        )
        _downloads(project)
    with st.container(border=True):
        _questions(project)


def _questions(project: Project) -> None:
    left, right = st.columns(2, gap="medium")
    places = [left, right, left, right]
    for place, (name, (title, about)) in zip(places, QUESTIONS.items(), strict=True):
        place.text_area(
            title,
            key=_key(project, name),
            placeholder=about,
            height=HEIGHT,
            max_chars=LONGEST,
            persist_state="session",
        )
    chosen = left.selectbox(
        "Licence",
        ["", *LICENCES],
        key=_key(project, "licence"),
        format_func=lambda name: LICENCES.get(name, "Not answered yet"),
        persist_state="session",
    )
    right.text_input(
        "Languages, as codes of ISO 639",
        key=_key(project, "language"),
        placeholder="en, zh",
        persist_state="session",
    )
    if chosen == OTHER:
        left.text_input(
            "What the licence is called, or that there is none",
            key=_key(project, "licence_name"),
            persist_state="session",
        )
    _save(project)


def _save(project: Project) -> None:
    state = st.session_state
    typed = {name: state.get(_key(project, name)) or "" for name in asdict(Answers())}
    if typed["licence"] != OTHER:
        typed["licence_name"] = ""
    given = Answers(**{name: text.strip() for name, text in typed.items()})
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Save",
            type="primary",
            icon=":material/save:",
            key="card-save",
            **leave.to(cards.answer),
        )
        kept = cards.answers(database(), project.id)
        if pressed and given != kept:
            try:
                kept = cards.answer(database(), project.id, given)
            except WhetstoneError as error:
                errors.show(error)
                return
            state[_key(project, "base")] = kept
            st.rerun()
        if given != kept:
            st.caption("Not saved yet")
        elif kept != Answers():
            st.caption("Saved")


def _downloads(project: Project) -> None:
    with st.popover("Data card", icon=":material/download:", key="card-download"):
        texts.buttons(project, "card", FILES, lambda form: _written(project, form))


def _written(project: Project, form: str) -> str:
    now = projects.get_project(database(), project.id)
    return data_card.FORMATS[form](reading.of_project(database(), now, wait=False))


def _fill(project: Project, given: Answers) -> None:
    """Show what is stored, as long as nothing was typed here; what was typed stays."""
    state, base = st.session_state, _key(project, "base")
    before: Answers | None = state.get(base)
    for name, text in asdict(given).items():
        key = _key(project, name)
        if key not in state or (before and state[key] == getattr(before, name)):
            state[key] = text
    state[base] = given


def _key(project: Project, name: str) -> str:
    return f"card-{project.id}-{name}"
