"""Settings: who you are, how this project behaves, where things are kept."""

import platform
import sqlite3
from importlib.metadata import version

import streamlit as st

from pages.widgets import address, key_editor, machine, project_settings
from pages.widgets.errors import literal
from pages.widgets.sidebar import current_project
from pages.widgets.store import database
from storage import home, settings

address.keep_only()
st.title("Settings")

st.subheader("You")
with st.form("annotator", border=False):
    name = st.text_input(
        "Annotator",
        settings.annotator(database()),
        max_chars=100,
        help="Your edits are recorded under this name.",
    )
    if st.form_submit_button("Save") and name.strip():
        settings.put(database(), "annotator", name.strip())
        st.toast("Saved.", icon=":material/check:")

project = current_project()
if project is not None:
    st.subheader(f"Project {literal(project.name)}")
    project_settings.show(project)

st.subheader("Keys of the tagger")
key_editor.show()

st.subheader("Training")
machine.show()

st.subheader("This installation")
st.caption("Set WHETSTONE_HOME to keep everything elsewhere, WHETSTONE_DB for another database.")
st.dataframe(
    [
        {"What": "Home folder", "Value": str(home.folder())},
        {"What": "Database", "Value": database().url},
        {"What": "SQLite", "Value": sqlite3.sqlite_version},
        {"What": "Python", "Value": platform.python_version()},
        {"What": "Streamlit", "Value": version("streamlit")},
        {"What": "torch", "Value": version("torch")},
        {"What": "transformers", "Value": version("transformers")},
    ],
    hide_index=True,
    width="content",
)
