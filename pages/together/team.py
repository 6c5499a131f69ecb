"""Team: whose labels count, what is given to whom, who did what."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.team import giving, gold, ledger, queues

VIEWS = {
    "Whose labels count": gold,
    "Who gets what": giving,
    "Queues": queues,
    "Who did what": ledger,
}

address.keep_only("view")
st.title("Team")
project = require_project()
st.caption(f"How several people work on {literal(project.name)} together.")
VIEWS[address.choice("View", list(VIEWS), "view")].show(project)
