"""Talk: every thread of the project, and what waits in them."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.talk import leaving, listing

address.keep_only("view")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Talk", width="content")
    leaving.offer(project)
st.caption(f"What people ask and note about {literal(project.name)}.")
listing.show(project)
