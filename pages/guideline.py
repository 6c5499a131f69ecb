"""Guideline: how to decide in doubtful cases, in the project's words; its labels below."""

import streamlit as st

from pages.widgets import address, guideline
from pages.widgets.errors import literal
from pages.widgets.sidebar import require_project

READ, EDIT = "Read", "Edit"

address.keep_only("view")
st.title("Guideline")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center"):
    view = address.choice("View", [READ, EDIT], "view")
    st.caption(f"What everybody goes by who tags {literal(project.name)}.", width="stretch")
if view == EDIT:
    guideline.edit(project)
else:
    guideline.read(project, EDIT)
