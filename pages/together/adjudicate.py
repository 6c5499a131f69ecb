"""Adjudicate: where several people labelled one document, decide what it is, place by place."""

import streamlit as st

from pages.widgets.adjudication import view
from pages.widgets.common import address
from pages.widgets.common.sidebar import require_project

address.keep_only("document")
head = st.container(horizontal=True, vertical_alignment="center", gap="small")
head.title("Adjudicate", width="content")
project = require_project()
with head:
    nameless = st.toggle(
        "Without names",
        key="adjudicate-nameless",
        persist_state="session",
        help="People are called Person 1, Person 2 …, in another order for each document.",
    )
    view.choose_imported(project)
view.show(project, nameless)
