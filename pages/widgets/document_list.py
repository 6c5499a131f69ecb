"""The project's documents, a page at a time: find one, see how far it is, open it."""

from __future__ import annotations

import streamlit as st

from pages.widgets.errors import literal
from pages.widgets.sidebar import require_project
from pages.widgets.store import database
from storage import documents
from storage.types import Project, Split, Status

PAGE = 25
SHOWN_CHARACTERS = 110
ICONS = {
    Status.UNTOUCHED: ":material/radio_button_unchecked:",
    Status.IN_PROGRESS: ":material/pending:",
    Status.DONE: ":material/check_circle:",
    Status.SKIPPED: ":material/skip_next:",
}


def show(project: Project | None) -> None:
    """Show filters, the rows that match, and a way to the next ones."""
    project = project or require_project()
    one, two, three = st.columns([3, 1, 1])
    text = one.text_input("Find", placeholder="Text to look for", type="search")
    split = two.selectbox("Split", [None, *Split], format_func=lambda s: str(s or "any"))
    status = three.selectbox("Status", [None, *Status], format_func=lambda s: str(s or "any"))
    filters = {"text": text, "split": split, "status": status}
    starts = _starts(project, filters)
    page = documents.list_documents(database(), project.id, after=starts[-1], limit=PAGE, **filters)
    if not page.rows:
        st.info(
            "No document matches." if any(filters.values()) else "No documents yet: import some."
        )
    for row in page.rows:
        st.page_link(
            "tag.py",
            label=f"{literal(row.text[:SHOWN_CHARACTERS])} · {row.spans} spans · {row.split}",
            icon=ICONS[row.status],
            help=f"{row.status}, {literal(row.name)}",
            query_params={"document": str(row.id), "queue": "all"},
        )
    with st.container(horizontal=True):
        if st.button("Back", icon=":material/arrow_back:", disabled=len(starts) == 1):
            starts.pop()
            st.rerun()
        if st.button("Next", icon=":material/arrow_forward:", disabled=page.after is None):
            starts.append(page.after)
            st.rerun()


def _starts(project: Project, filters: dict) -> list[int]:
    """Return where each page so far began; a changed filter starts over."""
    wanted = (project.id, tuple(filters.items()))
    if st.session_state.get("listed") != wanted:
        st.session_state["listed"] = wanted
        st.session_state["starts"] = [0]
    return st.session_state["starts"]
