"""What each label is and is not, where the guideline is edited; saved as it is typed."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import colors
from pages.widgets.common.errors import literal
from pages.widgets.guideline.again import ERROR
from storage.corpus import projects
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.types import Label, Project

PAGE = 25
# As long as where labels are made: what is typed here is shown, and cut, there.
WORDS = {
    "description": ("What it is", 2_000),
    "positive": ("For example", 500),
    "negative": ("But not", 500),
}


def edit(project: Project) -> None:
    """Show what is said of every label, in fields of their own."""
    st.subheader("Labels", divider="gray")
    if not project.labels:
        st.caption("None yet: they are made on *Data*.")
    pages = -(-len(project.labels) // PAGE)
    page = st.pagination(pages, key=f"described-{project.id}") if pages > 1 else 1
    for label in project.labels[(page - 1) * PAGE : page * PAGE]:
        _row(label)


def _row(label: Label) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(colors.chip(label.name, label.color, colors.current()), width=130)
        for name, (title, longest) in WORDS.items():
            key = f"describe-{label.id}-{name}"
            st.session_state[key] = getattr(label, name)
            st.text_input(
                literal(f"{title}: {label.name}"),
                key=key,
                max_chars=longest,
                placeholder=title,
                label_visibility="collapsed",
                on_change=_save,
                args=(label, name, key),
                width="stretch",
            )


def _save(label: Label, name: str, key: str) -> None:
    """Change one of the words; the others may have been changed elsewhere meanwhile."""
    said = {name: st.session_state[key].strip()}
    try:
        projects.describe_label(database(), label.id or 0, **said)
    except WhetstoneError as error:
        st.session_state[ERROR] = str(error)
