"""Notebook: what a project tried, what that brought, and what was learned."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.notebook import leaving, rounds

address.keep_only()
project = require_project()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Notebook", width="content")
    leaving.offer(project)
st.caption(f"What was tried for {literal(project.name)}, what it brought, what was learned.")
rounds.show(project)
