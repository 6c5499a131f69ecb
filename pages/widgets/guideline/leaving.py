"""How the guideline leaves, with its versions and examples: as Markdown, one HTML page, or JSON."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.knowledge.guiding import FORMATS, Guideline
from pages.widgets.notebook.leaving import FILES
from pages.widgets.report.leaving import stem
from storage.database.store import database
from storage.knowledge import guidelines
from storage.types import Project


def offer(project: Project) -> None:
    """Offer each format, made when it is clicked."""
    with st.popover("Export", icon=":material/download:", key="guideline-export"):
        for form, (title, ending, mime) in FILES.items():
            st.download_button(
                title,
                _maker(project, form),
                file_name=f"{stem(project.name)}-guideline.{ending}",
                mime=mime,
                key=f"guideline-{form}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _maker(project: Project, form: str) -> Callable[[], bytes]:
    def make() -> bytes:
        guide = Guideline(project.name, guidelines.history(database(), project.id))
        return FORMATS[form](guide).encode("utf-8", "replace")

    return make
