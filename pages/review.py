"""Review: what may be wrong in the labels, one after the other, each one key to decide."""

import streamlit as st

from pages.widgets.common import address, words
from pages.widgets.common.sidebar import require_project
from pages.widgets.review import strings, suspects, upcoming

VIEWS = {"Next": upcoming.show, "Suspects": suspects.show, "Strings": strings.show}

address.keep_only("view", "words")
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Review", width="content")
    project = require_project()
    same = f"{words.of(project).same.capitalize()}s"
    named = {**dict.fromkeys(VIEWS), "Strings": same}
    view = address.choice("View", list(VIEWS), "view", lambda name: named[name] or name)
VIEWS[view](project)
