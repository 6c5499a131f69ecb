"""Data: bring files in, look at the documents, edit the labels, take files out."""

import streamlit as st

from pages.widgets.cards import form
from pages.widgets.common import address
from pages.widgets.common.sidebar import current_project
from pages.widgets.data import (
    document_list,
    duplicates,
    export_form,
    import_form,
    label_editor,
)
from pages.widgets.data.dictionary import view as dictionary
from storage import tasks

SECTIONS = {
    "Import": import_form.show,
    "Documents": document_list.show,
    "Labels": label_editor.show,
    "Dictionary": dictionary.show,
    "Duplicates": duplicates.show,
    "Export": export_form.show,
    "Card": form.show,
}

address.keep_only("section", "search", "from", "task")
st.title("Data")
project = current_project()
# A word list marks words: a label of a whole text has none of its own.
whole = project is not None and tasks.marks_whole(project.task)
shown = [name for name in SECTIONS if not (whole and name == "Dictionary")]
section = address.choice("Section", shown, "section")
SECTIONS[section](project)
