"""Settings: who you are, how this project behaves, where things are kept."""

import platform
from importlib.metadata import version

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import current_project
from pages.widgets.settings import (
    backups,
    coach,
    health,
    machine,
    machines,
    people,
    project_settings,
    reach,
    zero_shot,
)
from pages.widgets.tag import key_editor
from storage import home, permissions
from storage.accounts import accounts
from storage.database import settings
from storage.database.store import database
from storage.errors import InputError

WIDTH = 860


def group(title: str, words: str):
    """Open a group of settings under its title, with a line that says what it is about."""
    box = st.container(border=True, width=WIDTH)
    with box, st.container(gap=None):
        st.subheader(title)
        st.caption(words)
    return box


address.keep_only()
st.title("Settings")

if permissions.current() is None:
    words = "Edits carry your name. Light or dark is chosen in the menu at the top right."
    with group("You", words):
        form = st.form("annotator", border=False)
        with form, st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Annotator", settings.annotator(database()), max_chars=100)
            saved = st.form_submit_button("Save")
        if saved and name.strip():
            try:
                accounts.name_oneself(database(), name)
            except InputError as error:
                st.error(literal(str(error)))
            else:
                st.toast("Saved.", icon=":material/check:")

with group("People", "Who may use this server, and in which role."):
    people.show()

with group("Other computers", "Whether they may open this server, and by which names."):
    reach.show()

project = current_project()
if project is not None:
    with group("This project", f"{literal(project.name)}: its name, its rules, its end."):
        project_settings.show(project)
    words = "It learns what is finished on Tag, document by document, and suggests what comes next."
    with group("The coach", words):
        coach.show(project)

with group("Keys of the tagger", "Each command can have another key; labels have the digits."):
    key_editor.show()

with group("Training", "Where new runs of every project are trained."):
    machine.show()

if database().path is None:
    with group("Machines", "Who serves the queue of this database, and what each has."):
        machines.show()

with group(
    "First suggestions",
    "A zero-shot model has seen none of your labels, and suggests before the first of them is "
    "given. Off until you name one.",
):
    zero_shot.show()

with group("Health", "How the database is, its disk and its backups, and what to do."):
    health.show()

with group(
    "Backups",
    "A copy is made each day on which something changed, and read back: seven days are kept, and "
    "four weeks before them; so is one from before each upgrade.",
):
    backups.show()

with group("This installation", "Everything lies in one folder on this computer."):
    st.table(
        {
            "Home folder": literal(str(home.folder())),
            "Database": literal(database().url),
            "Python": platform.python_version(),
            "Streamlit": version("streamlit"),
            "torch": version("torch"),
            "transformers": version("transformers"),
        },
        border="horizontal",
    )
    st.caption(
        "`WHETSTONE_HOME` keeps everything elsewhere, `WHETSTONE_DB` names another database."
    )
