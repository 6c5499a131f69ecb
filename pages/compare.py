"""Compare: run against run, down to the single sentence, and what the two were given."""

import streamlit as st

from pages.widgets.common import address, words
from pages.widgets.common.sidebar import require_project
from pages.widgets.compare import choice, differences, figures, outcomes
from pages.widgets.report import workbench
from storage.outcomes import Outcome

address.keep_only("a", "b", "split", "show", "label")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Compare", width="content")
    pair = choice.pick(project)
    split = choice.split(pair)
found = choice.compared(pair, split)

figures.in_words(pair, found, words.of(project))
figures.tiles(pair, found)
left, right = workbench.sides()
with left:
    figures.table(pair, found)
    figures.chart(pair, found)
    figures.origin(pair, found)
with right:
    view = choice.view()
    if view == choice.SETTINGS:
        differences.settings(pair)
    elif view == choice.DATA:
        differences.data(project, pair)
    else:
        outcomes.show(project, pair, found, Outcome(view))
