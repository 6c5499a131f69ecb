"""Home: the next best step, and where the project stands in the loop."""

import streamlit as st

from pages.widgets import address, loop, welcome
from pages.widgets.errors import literal
from pages.widgets.sidebar import current_project
from pages.widgets.store import database

address.keep_only()
st.title("Home")
project = current_project()
if project is None:
    welcome.show()
    st.stop()

state = loop.standing(database(), project)
st.caption(f"{literal(project.name)} · {state.summary}")
step = loop.next_step(state)
with st.container(border=True):
    st.subheader("Next best step")
    st.write(step.why)
    if st.button(step.action, type="primary", icon=step.icon, key="next_step"):
        st.switch_page(step.page, query_params=step.params)
loop.draw(state)
if welcome.offers_sample():
    welcome.sample_button(type="tertiary")
