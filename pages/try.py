"""Try it: what a model says of a sentence, and a file in, a labelled file out."""

import streamlit as st

from pages.widgets import address, tryout
from pages.widgets.sidebar import require_project

address.keep_only("run", "what")
st.title("Try it")
project = require_project()
run = tryout.choose(project)
what = st.segmented_control(
    "What to label",
    tryout.WAYS,
    default=tryout.SENTENCE,
    required=True,
    key="what",
    label_visibility="collapsed",
    bind="query-params",
)
if what == tryout.FILE:
    tryout.label_file(project, run)
else:
    tryout.label_sentence(project, run)
