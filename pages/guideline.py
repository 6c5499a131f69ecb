"""Guideline: how to decide in doubtful cases, in the project's words; its labels below."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.guideline import again, elsewhere, guideline, leaving, versions
from pages.widgets.talk import beside
from storage.corpus import projects
from storage.database.store import database
from storage.knowledge import guidelines
from storage.permissions import may, needed

READ, EDIT, VERSIONS, ELSEWHERE = "Read", "Edit", "Versions", "Other projects"

address.keep_only("view", "thread")
head = st.container(horizontal=True, vertical_alignment="center", gap="small")
head.title("Guideline", width="content")
project = require_project()
with head:
    leaving.offer(project)
with st.container(horizontal=True, vertical_alignment="center"):
    edits = [EDIT] if may(needed(projects.set_guideline)) else []
    view = address.choice("View", [READ, *edits, VERSIONS, ELSEWHERE], "view")
    st.caption(
        f"What everybody goes by who tags {literal(project.name)}. "
        f"{versions.caption(guidelines.in_force(database(), project.id))}.",
        width="stretch",
    )
again.show(project)
if view == EDIT:
    guideline.edit(project)
elif view == VERSIONS:
    versions.show(project)
elif view == ELSEWHERE:
    elsewhere.show(project)
else:
    guideline.read(project, EDIT)
beside.about_labels(project)
