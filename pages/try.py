"""Try it: what a model says of a sentence, and a file in, a labelled file out."""

from functools import partial

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.sidebar import require_project
from pages.widgets.try_it import tryout

address.keep_only("run", "what")
st.title("Try it")
project = require_project()
run = tryout.choose(project)
what = address.choice("What to label", tryout.WAYS, "what", partial(tryout.said, project))
if what == tryout.FILE:
    tryout.label_file(project, run)
else:
    tryout.label_sentence(project, run)
