"""Try it: what a model says of a text, what fits it, and a file in, a labelled file out."""

from functools import partial

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.sidebar import require_project
from pages.widgets.try_it import files, ranked, tryout

address.keep_only("run", "what")
st.title("Try it")
project = require_project()
run = tryout.choose(project)
what = address.choice("What to label", tryout.ways(project), "what", partial(tryout.said, project))
if what == tryout.FILE:
    files.label_file(project, run)
elif what == tryout.MATCHES:
    ranked.show(project, run, tryout.LONGEST_TEXT)
else:
    tryout.label_sentence(project, run)
