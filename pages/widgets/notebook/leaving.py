"""How the notebook leaves: as Markdown, one HTML page, or JSON."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.knowledge.writing import FORMATS, Notebook
from pages.widgets.common import words
from pages.widgets.report.leaving import stem
from storage.database.store import database
from storage.knowledge import notebook
from storage.types import Project

FILES = {
    "markdown": ("Markdown", "md", "text/markdown"),
    "html": ("HTML", "html", "text/html"),
    "json": ("JSON", "json", "application/json"),
}


def offer(project: Project) -> None:
    """Offer each format, made when it is clicked."""
    with st.popover("Export", icon=":material/download:", key="notebook-export"):
        for form, (title, ending, mime) in FILES.items():
            st.download_button(
                title,
                _maker(project, form),
                file_name=f"{stem(project.name)}-notebook.{ending}",
                mime=mime,
                key=f"notebook-{form}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _maker(project: Project, form: str) -> Callable[[], bytes]:
    def make() -> bytes:
        rounds = notebook.entries(database(), project.id)
        book = Notebook(project.name, rounds, words.of(project))
        return FORMATS[form](book).encode("utf-8", "replace")

    return make
