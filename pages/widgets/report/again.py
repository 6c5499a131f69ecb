"""Train again, right from the report: the same recipe, the labels of now."""

from __future__ import annotations

import streamlit as st

from engine.runner import again, changes
from pages.widgets.common import leave, words
from pages.widgets.common.errors import literal
from pages.widgets.home import next_step
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.runs import runs
from storage.types import Project, Run


def offer(project: Project, run: Run) -> None:
    """Offer a new run like this one, and press for it once there is something new to learn."""
    fresh = changes.since(database(), run)
    since = (
        f"{next_step.changed(fresh, words.of(project))} since this run."
        if fresh.total
        else "Nothing is new."
    )
    if not st.button(
        "Train again",
        type="primary" if fresh.total else "secondary",
        icon=":material/replay:",
        key="train-again",
        **leave.to(
            runs.create_run,
            f"{since} Starts a run with this one's base model and settings, and the labels of now.",
        ),
    ):
        return
    try:
        new = again(database(), run)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state["watched"] = new.id
    st.switch_page("train.py")
