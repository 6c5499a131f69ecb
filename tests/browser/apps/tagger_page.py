"""One page with the tagger between two lines of text, over the project that the address names.

Without a project it is empty.
"""

import streamlit as st

from pages.widgets.tag import component, payload
from storage.corpus import projects
from storage.database import settings
from storage.database.store import database
from storage.finding import queues
from storage.finding.selection import Order, Selection

st.set_page_config(layout="wide", initial_sidebar_state="collapsed")
if "project" not in st.query_params:
    st.stop()
db = database()
project = projects.get_project(db, int(st.query_params["project"]))
queue = queues.choose(db, project.id, Selection(Order.ALL))
asked = st.query_params.get("document")
opened = ((st.session_state.get("tagger") or {}).get("open") or {}).get("document")
# What was opened last may be of the project before.
chosen = opened if opened in queue.ids else int(asked) if asked else queue.ids[0]
focus = [int(part) for part in st.query_params.get("focus", "").split("-") if part]
data = payload.describe(project, queue, chosen, settings.annotator(db))
st.write("Words before the tagger.")
component.mount(data | {"focus": {"start": focus[0], "end": focus[1]} if focus else None})
st.write("Words behind the tagger.")
