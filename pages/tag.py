"""Tag: one document at a time, by mouse and keys; the page only chooses which."""

import streamlit as st

from pages.widgets import address, queues, tagger, tagging
from pages.widgets.sidebar import require_project
from pages.widgets.store import database
from storage import settings

address.keep_only("document", "queue", "start", "end")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Tag", width="content")
    queue = queues.choose(project)

if not queue.ids:
    st.info(queue.when_empty, icon=":material/info:")
    st.page_link("data.py", label="Import a file", icon=":material/upload_file:")
    st.stop()

document = tagging.current_document(project, queue)
data = tagging.describe(project, queue, document, settings.annotator(database()))
tagger.mount(data, on_open=tagging.follow)
