"""Match: what of a catalogue answers a text; accepted and rejected by a key, learned from next."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.sidebar import require_project
from pages.widgets.match import asking, catalogue

address.keep_only("catalogue", "what")
st.title("Match")
project = require_project()
catalogue.require(project)
opened = catalogue.choose(project)
with st.container(horizontal=True, vertical_alignment="center"):
    what = address.choice("What to answer", asking.WAYS, "what")
    share, least = asking.settings(opened)
if what == asking.FILE:
    asking.ask_file(project, opened, share, least)
else:
    asking.ask(project, opened, what, share, least)
