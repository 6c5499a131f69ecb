"""Home: the next best step, and where the project stands in the loop."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import current_project
from pages.widgets.home import loop, next_step, welcome
from storage.database.store import database

address.keep_only()
project = current_project()
if project is None:
    welcome.show()
    st.stop()

st.title("Home")
state = next_step.read(database(), project)
st.caption(f"**{literal(project.name)}** · {state.summary}")
loop.draw(state)
welcome.show_others()
