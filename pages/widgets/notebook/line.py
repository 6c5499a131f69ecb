"""On Home: the round that is open, in one line that leads to it."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.knowledge import notebook
from storage.types import Project


def show(project: Project) -> None:
    """Show it where a round is open."""
    entry = notebook.current(database(), project.id)
    if entry:
        st.page_link(
            "knowledge/notebook.py",
            label=f"Open round, {literal(entry.goal)}",
            icon=":material/science:",
            help="The notebook says what was done for it so far, and what comes next.",
        )
