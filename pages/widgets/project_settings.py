"""What can be changed about one project: its name, overlaps, its end."""

from __future__ import annotations

import shutil

import streamlit as st

from pages.widgets.errors import literal
from pages.widgets.sidebar import open_project
from pages.widgets.store import database
from storage import home, projects
from storage.errors import WhetstoneError
from storage.types import Project


def show(project: Project) -> None:
    """Show the settings of the current project."""
    with st.form("rename", border=False):
        name = st.text_input("Name", project.name, max_chars=100)
        if st.form_submit_button("Rename") and name.strip() != project.name:
            _rename(project, name.strip())
    allowed = st.toggle(
        "Spans may overlap",
        project.allow_overlaps,
        help="Overlapping spans are kept and exported. The model learns the longer of two.",
        key=f"overlaps-{project.id}",
    )
    if allowed != project.allow_overlaps:
        _set_overlaps(project, allowed)
    if st.button("Delete this project", icon=":material/delete:"):
        _delete(project)


def _set_overlaps(project: Project, allowed: bool) -> None:
    try:
        projects.set_overlaps(database(), project.id, allowed)
    except WhetstoneError as error:
        st.error(literal(str(error)))
    else:
        st.rerun()


def _rename(project: Project, name: str) -> None:
    try:
        projects.rename_project(database(), project.id, name)
    except WhetstoneError as error:
        st.error(literal(str(error)))
    else:
        st.rerun()


@st.dialog("Delete this project?")
def _delete(project: Project) -> None:
    counts = projects.progress(database(), project.id)
    st.write(
        f"{literal(project.name)}: {counts.documents:,} documents, {counts.spans:,} spans and "
        "all runs go. This cannot be undone."
    )
    typed = st.text_input("Type the project's name to confirm")
    if st.button("Delete", type="primary", disabled=typed != project.name):
        _carry_out(project)


def _carry_out(project: Project) -> None:
    try:
        run_ids = projects.delete_project(database(), project.id)
    except WhetstoneError as error:
        st.error(literal(str(error)))
        return
    for run_id in run_ids:
        # The rows are gone; a folder that cannot be removed must not stop the rest.
        shutil.rmtree(home.run_folder(run_id), ignore_errors=True)
    open_project(None)
    st.rerun()
