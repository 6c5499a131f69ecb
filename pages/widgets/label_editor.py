"""Labels: add, rename, recolour, choose keys."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.widgets.errors import literal
from pages.widgets.sidebar import require_project
from pages.widgets.store import database
from storage import projects
from storage.errors import WhetstoneError
from storage.types import Label, Project


def show(project: Project | None) -> None:
    """Show one row a label, and the field for new ones."""
    project = project or require_project()
    used = projects.progress(database(), project.id).by_label
    for label in project.labels:
        _row(label, used.get(label.name, 0))
    if not project.labels:
        st.info("No labels yet: name some below, one per kind of thing you look for.")
    with st.form("new_labels", clear_on_submit=True):
        names = st.text_input(
            "New labels", placeholder="PER, ORG, LOC", help="With commas between."
        )
        if st.form_submit_button("Add", icon=":material/add:"):
            _add(project, names)


def _row(label: Label, used: int) -> None:
    title = f"{literal(label.name)} · key {label.key or 'none'} · {used:,} spans"
    with st.expander(title), st.form(f"label-{label.id}", border=False):
        one, two, three = st.columns([4, 1, 1])
        name = one.text_input("Name", label.name, max_chars=100)
        key = two.text_input("Key", label.key, max_chars=1)
        color = three.color_picker("Colour", label.color)
        description = st.text_input("Description", label.description, max_chars=500)
        if st.form_submit_button("Save"):
            _save(replace(label, name=name.strip(), key=key, color=color, description=description))


def _save(label: Label) -> None:
    try:
        projects.update_label(database(), label)
    except WhetstoneError as error:
        st.error(literal(str(error)))
    else:
        st.rerun()


def _add(project: Project, names: str) -> None:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    try:
        projects.add_labels(database(), project.id, wanted)
    except WhetstoneError as error:
        st.error(literal(str(error)))
    else:
        st.rerun()
