"""Guideline: how to decide in doubtful cases, in the project's words; its labels below."""

import streamlit as st

from pages.widgets import address, guideline
from pages.widgets.errors import literal
from pages.widgets.sidebar import require_project

READ, EDIT = "Read", "Edit"

address.keep_only("view")
st.title("Guideline")
project = require_project()
st.caption(f"How {literal(project.name)} is labelled: what everybody who tags goes by.")
view = address.choice("View", [READ, EDIT], "view")
if view == EDIT:
    guideline.edit(project)
else:
    guideline.read(project)
