"""Tag: one document at a time, by mouse and keys; the page only chooses which."""

import streamlit as st

from pages.widgets import address, queues, tagger, tagging
from pages.widgets.report import way_back
from pages.widgets.sidebar import require_project
from pages.widgets.store import database
from storage import settings
from storage.choices import Kind

address.keep_only("document", "queue", "start", "end")
project = require_project()
tagging.put_on()
with st.container(key="unseen"):
    st.title("Tag")
queue = queues.current(project)
bar = tagging.make_bar(queue)
with bar:
    queues.offer(project, queue)

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
data = tagging.describe(project, queue, document, settings.annotator(database()))
tagger.mount(data, on_open=tagging.follow)
