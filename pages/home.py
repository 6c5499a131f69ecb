"""Home: the next best step, and where the project stands in the loop."""

import streamlit as st

from pages.widgets import address, loop, standing, welcome
from pages.widgets.errors import literal
from pages.widgets.sidebar import current_project
from pages.widgets.store import database

address.keep_only()
project = current_project()
if project is None:
    welcome.show()
    st.stop()

st.title("Home")
state = standing.read(database(), project)
st.caption(f"**{literal(project.name)}** · {state.summary}")
loop.draw(state)
if welcome.offers_sample():
    welcome.sample_button(type="tertiary")
