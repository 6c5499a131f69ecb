"""What the served model is asked: whether it is kept, for how long, and what of it comes back."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import errors, leave
from pages.widgets.common.words import count
from pages.widgets.models import bringing
from storage.database.store import database
from storage.permissions import may, needed
from storage.serving import kept
from storage.types import Project

ABOUT = (
    "The service can keep the texts that it is asked about, with its answers. Those that the model "
    "doubted, and those unlike what it learned from, then come back as documents to label: what it "
    "meets in use teaches it most. What it said is suggested there."
)
OFF = "Nothing that is asked is kept."
ON = (
    "Every text that anybody asks about is stored in this project for {days}, with the model's "
    "answer, where all who work on the project can bring it in and read it; then it is deleted. "
    "What was brought in stays as a document. A service that runs begins some seconds after it is "
    "saved here. Tell those whose texts they are."
)
USUAL_DAYS = 30


def show(project: Project) -> None:
    """Show what waits and how to bring it in, then whether texts are kept."""
    st.markdown(ABOUT)
    with st.container(border=True):
        bringing.offer(project)
        bringing.show_brought(project)
    with st.container(border=True):
        _choose(project)


def _choose(project: Project) -> None:
    """Let whoever may choose for how many days texts are kept: a choice counts once it is saved."""
    current = kept.days(database(), project.id)
    locked = not may(needed(kept.keep_for))
    keeps = st.toggle("Keep what is asked", bool(current), key=_key(project, "on"), disabled=locked)
    days = 0
    if keeps:
        days = st.number_input(
            "For how many days",
            min_value=1,
            max_value=kept.LONGEST_DAYS,
            value=current or USUAL_DAYS,
            key=_key(project, "days"),
            disabled=locked,
            width=200,
        )
    st.caption(ON.format(days=count(days, "day")) if days else OFF)
    if days == current:
        return
    if not days and (number := kept.waiting(database(), project.id).texts):
        st.warning(f"With this {count(number, 'text')} that wait are deleted at once.")
    pressed = st.button(
        f"Keep them for {count(days, 'day')}" if days else "Keep nothing, and forget what is kept",
        type="primary",
        key="keep",
        **leave.to(kept.keep_for),
    )
    if pressed and errors.attempt(lambda: kept.keep_for(database(), project.id, days)):
        st.rerun()


def _key(project: Project, name: str) -> str:
    """Return a widget's key: a new one after a change, so that it shows what is so."""
    return f"keeping-{name}-{project.id}-{kept.days(database(), project.id)}"
