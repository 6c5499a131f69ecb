"""Home: the next best step, and where the project stands in the loop."""

import streamlit as st

from pages.widgets.changed import line as changed
from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import current_project
from pages.widgets.expecting import line
from pages.widgets.home import deciding, loop, next_step, welcome
from pages.widgets.models import bringing
from pages.widgets.notebook import line as in_notebook
from pages.widgets.talk import waiting
from pages.widgets.train import zero_shot
from storage.database.store import database
from storage.permissions import Ability, may

address.keep_only()
project = current_project()
if project is None and not may(Ability.MANAGE):
    st.info("There is no project yet: an admin makes one.", icon=":material/info:")
    st.stop()
if project is None:
    welcome.show()
    st.stop()

st.title("Home")
state = next_step.read(database(), project)
st.caption(f"**{literal(project.name)}** · {state.summary}")
waiting.show(project)
deciding.show(project)
bringing.show_waiting(project)
loop.draw(state, lambda: line.show(project), lambda: in_notebook.show(project))
zero_shot.offer(project)
changed.show_elsewhere(project)
if may(Ability.MANAGE):
    welcome.show_others()
