"""What a project has found out, as a file: the same button for each format of each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import streamlit as st

from storage.types import Project

# By the name of a format: its title, the file ("*" is the project), its type.
File = tuple[str, str, str]
Make = Callable[[str], str]
"""Returns the text of a file by the name of its format."""


def offer(project: Project, what: str, make: Make) -> None:
    """Offer Markdown, one HTML page and JSON of something, each made when it is clicked."""
    files = {
        "markdown": ("Markdown", f"*-{what}.md", "text/markdown"),
        "html": ("HTML", f"*-{what}.html", "text/html"),
        "json": ("JSON", f"*-{what}.json", "application/json"),
    }
    with st.popover("Export", icon=":material/download:", key=f"{what}-export"):
        buttons(project, what, files, make)


def buttons(project: Project, what: str, files: Mapping[str, File], make: Make) -> None:
    """Show a button for each format."""
    for form, (title, file, mime) in files.items():
        st.download_button(
            title,
            _maker(make, form),
            file_name=file.replace("*", stem(project.name)),
            mime=mime,
            key=f"{what}-{form}",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )


def stem(*names: str) -> str:
    """Return what a file about these is called, without its ending."""
    return re.sub(r"[^\w-]+", "-", "-".join(names)).strip("-").lower() or "project"


def _maker(make: Make, form: str) -> Callable[[], bytes]:
    return lambda: make(form).encode("utf-8", "replace")
