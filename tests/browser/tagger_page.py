"""One page with the tagger between two lines of text, over the project that the address names."""

import streamlit as st

from pages.widgets import tagger, tagging
from pages.widgets.store import database
from storage import projects, queues, settings
from storage.choices import Choice, Kind

st.set_page_config(layout="wide", initial_sidebar_state="collapsed")
db = database()
project = projects.get_project(db, int(st.query_params["project"]))
queue = queues.choose(db, project.id, Choice(Kind.ALL))
asked = st.query_params.get("document")
opened = (st.session_state.get("tagger") or {}).get("open") or {}
chosen = opened.get("document") or (int(asked) if asked else queue.ids[0])
focus = [int(part) for part in st.query_params.get("focus", "").split("-") if part]
data = tagging.describe(project, queue, chosen, settings.annotator(db))
st.write("Words before the tagger.")
tagger.mount(data | {"focus": {"start": focus[0], "end": focus[1]} if focus else None})
st.write("Words behind the tagger.")
