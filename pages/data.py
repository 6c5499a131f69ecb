"""Data: bring files in, look at the documents, edit the labels, take files out."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.sidebar import current_project
from pages.widgets.data import dictionary, document_list, export_form, import_form, label_editor

SECTIONS = {
    "Import": import_form.show,
    "Documents": document_list.show,
    "Labels": label_editor.show,
    "Dictionary": dictionary.show,
    "Export": export_form.show,
}

address.keep_only("section", "search", "from")
st.title("Data")
section = address.choice("Section", list(SECTIONS), "section")
SECTIONS[section](current_project())
