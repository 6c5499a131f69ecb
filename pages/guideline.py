"""Guideline: how to decide in doubtful cases, in the project's words; its labels below."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.guideline import guideline
from pages.widgets.talk import beside
from storage.corpus import projects
from storage.permissions import may, needed

READ, EDIT = "Read", "Edit"

address.keep_only("view", "thread")
st.title("Guideline")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center"):
    views = [READ, EDIT] if may(needed(projects.set_guideline)) else [READ]
    view = address.choice("View", views, "view")
    st.caption(f"What everybody goes by who tags {literal(project.name)}.", width="stretch")
if view == EDIT:
    guideline.edit(project)
else:
    guideline.read(project, EDIT)
beside.about_labels(project)
