"""How talk leaves: as Markdown, one HTML page, or JSON; what whoever acts may see of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.knowledge.threads import FORMATS, Talk
from pages.widgets.notebook.leaving import FILES
from pages.widgets.report.leaving import stem
from storage.collaboration import thread_lists
from storage.collaboration.thread_lists import State
from storage.database.store import database
from storage.types import Project


def offer(project: Project) -> None:
    """Offer each format, made when it is clicked."""
    with st.popover("Export", icon=":material/download:", key="talk-export"):
        for form, (title, ending, mime) in FILES.items():
            st.download_button(
                title,
                _maker(project, form),
                file_name=f"{stem(project.name)}-talk.{ending}",
                mime=mime,
                key=f"talk-{form}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _maker(project: Project, form: str) -> Callable[[], bytes]:
    def make() -> bytes:
        found = thread_lists.listed(database(), project.id, State.ALL)
        return FORMATS[form](Talk(project.name, found)).encode("utf-8", "replace")

    return make
