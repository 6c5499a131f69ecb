"""What can be changed about one project: its name, overlaps, its end."""

from __future__ import annotations

import streamlit as st

from engine.coach.registry import coaches
from engine.coach.renewal.registry import renewers
from engine.runner import delete_project
from pages.widgets.common import label_changes, words
from pages.widgets.common.errors import literal
from pages.widgets.common.label_changes import counted
from pages.widgets.common.sidebar import open_project
from pages.widgets.common.words import count
from storage.actions import relabelling
from storage.corpus import projects
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.finding import progress
from storage.tasks import marks_whole
from storage.types import Project


def show(project: Project) -> None:
    """Show the settings of the current project."""
    form = st.form("rename", border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", project.name, max_chars=100)
        renamed = st.form_submit_button("Rename")
    if renamed and name.strip() != project.name:
        _rename(project, name.strip())
    _overlaps(project)
    if st.button("Delete this project", icon=":material/delete:"):
        _delete(project)


def _overlaps(project: Project) -> None:
    if marks_whole(project.task):
        # Whether a document has several labels was chosen when the project was made.
        return
    label_changes.say(project)
    # Another key after each change, so that a change that is not confirmed does not stay.
    key = f"overlaps-{project.id}-{project.allow_overlaps}"
    allowed = st.toggle(
        "Spans may overlap",
        project.allow_overlaps,
        help="Overlapping spans are kept and exported. The model learns the longer of two.",
        key=key,
    )
    if allowed == project.allow_overlaps:
        return
    touched = relabelling.overlap_touch(database(), project.id) if not allowed else None
    if touched is None or not touched.spans:
        _set_overlaps(project, allowed)
        return
    st.warning(
        f"Forbidding overlaps removes {counted(touched.spans, touched.documents)}: of spans that "
        "overlap the longest stays. It can be taken back on Data, under Labels.",
        icon=":material/layers_clear:",
    )
    with st.container(horizontal=True):
        if st.button("Forbid overlaps", type="primary"):
            _set_overlaps(project, allowed)
        st.button("Keep them", on_click=_put, args=(key, project.allow_overlaps))


def _set_overlaps(project: Project, allowed: bool) -> None:
    db = database()
    try:
        with st.spinner("Working"):
            action = relabelling.set_overlaps(db, project.id, allowed, settings.annotator(db))
    except WhetstoneError as error:
        st.error(literal(str(error)))
    else:
        label_changes.remember(action)
        st.rerun()


def _put(key: str, value: bool) -> None:
    st.session_state[key] = value


def _rename(project: Project, name: str) -> None:
    try:
        projects.rename_project(database(), project.id, name)
    except WhetstoneError as error:
        st.error(literal(str(error)))
    else:
        st.rerun()


@st.dialog("Delete this project?")
def _delete(project: Project) -> None:
    counts = progress.of(database(), project.id)
    st.write(
        f"{literal(project.name)}: {count(counts.documents, 'document')}, "
        f"{count(counts.spans, words.of(project).mark)} and "
        "all runs go. This cannot be undone."
    )
    with st.form("delete-project", border=False):
        typed = st.text_input("Type the project's name to confirm")
        asked = st.form_submit_button("Delete", type="primary")
    if asked and typed != project.name:
        st.error("That is not the project's name. Nothing was deleted.")
    elif asked:
        _carry_out(project)


def _carry_out(project: Project) -> None:
    coaches.forget(project.id)
    renewers.forget(project.id)
    try:
        delete_project(database(), project.id)
    except WhetstoneError as error:
        st.error(literal(str(error)))
        return
    open_project(None)
    st.rerun()
