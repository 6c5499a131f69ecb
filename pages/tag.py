"""Tag: one document at a time, by mouse and keys; the page only chooses which."""

import streamlit as st

from pages.widgets.candidates import view
from pages.widgets.common import address, leave
from pages.widgets.common.sidebar import require_project
from pages.widgets.expecting import line
from pages.widgets.models import bringing
from pages.widgets.tag import component, payload, queue_picker, way_back
from storage.database import settings
from storage.database.store import database
from storage.finding.selection import Order

address.keep_only("document", "queue", "start", "end", "view", "thread")
project = require_project()
payload.put_on()
with st.container(key="unseen"):
    st.title("Tag")
queue = queue_picker.current(project)
bar = payload.make_bar(queue)
line.show_in_bar(project)
with bar:
    queue_picker.offer(project, queue)

if not queue.ids:
    st.info(queue.when_empty, icon=":material/info:")
    if queue.selection.kind in (Order.TODO, Order.ALL):
        leave.page_link("data.py", label="Import a file", icon=":material/upload_file:")
    elif queue.selection.kind is Order.PRODUCTION:
        bringing.offer(project)
    elif queue.run is None and queue.selection.kind not in (Order.MINE, Order.GIVEN):
        leave.page_link("train.py", label="Train a model", icon=":material/model_training:")
    st.stop()

listed = view.are_chosen(project)
queue, document = payload.open_document(project, queue)
if queue.selection.kind in (Order.CELL, Order.FOCUS):
    with bar:
        way_back.show(queue.selection.cell, document)
elif queue.selection.kind is Order.COMPARED:
    with bar:
        way_back.to_comparison(queue.selection.outcome)
if listed:
    view.show(project, queue, document)
else:
    data = payload.describe(project, queue, document, settings.annotator(database()))
    data["candidates"] = view.are_there(project)
    component.mount(data, on_open=view.follow)
