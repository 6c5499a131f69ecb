"""Talk: every thread of the project, and what waits in them."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.talk import listing

address.keep_only("view")
project = require_project()
st.title("Talk")
st.caption(f"What people ask and note about {literal(project.name)}.")
listing.show(project)
