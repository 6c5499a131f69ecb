"""Tag: one document at a time, by mouse and keys; the page only chooses which."""

import streamlit as st

from pages.widgets import address, queues, tagger, tagging
from pages.widgets.errors import literal
from pages.widgets.report import way_back
from pages.widgets.sidebar import require_project
from pages.widgets.store import database
from storage import reasons, settings
from storage.choices import Kind

address.keep_only("document", "queue", "start", "end")
project = require_project()
bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
with bar:
    st.title("Tag", width="content")
    queue = queues.choose(project)

if not queue.ids:
    st.info(queue.when_empty, icon=":material/info:")
    if queue.choice.kind in (Kind.TODO, Kind.ALL):
        st.page_link("data.py", label="Import a file", icon=":material/upload_file:")
    elif queue.run is None:
        st.page_link("train.py", label="Train a model", icon=":material/model_training:")
    st.stop()

queue, document = tagging.open_document(project, queue)
if queue.choice.kind is Kind.CELL:
    with bar:
        way_back.show(queue.choice.cell, document)
st.caption(literal(reasons.why(queue, document)))
data = tagging.describe(project, queue, document, settings.annotator(database()))
tagger.mount(data, on_open=tagging.follow)
