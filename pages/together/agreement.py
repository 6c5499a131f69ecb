"""Agreement: how far people agree, down to the sentences that two of them label differently."""

import streamlit as st

from pages.widgets.agreement import chosen, confusion, course, grid, sentences, standing, words
from pages.widgets.common import address
from pages.widgets.common.sidebar import require_project
from pages.widgets.report import workbench

# What stands on the left side; each draws what was computed, and hears what is clicked in it.
VIEWS = {
    "Pairs": grid,
    "Confusion": confusion,
    "People": standing,
    "Over time": course,
}

address.keep_only("view", "run", "imported", "a", "b", "label", "by", "of", *address.PART)
head = st.container(horizontal=True, vertical_alignment="center", gap="small")
head.title("Agreement", width="content")
project = require_project()
with head:
    beside = chosen.beside(project)
found = chosen.compared(project, beside)

words.first(project, found)
view = VIEWS[address.choice("View", list(VIEWS), "view")]
# What was clicked is known before anything is drawn, so that it is drawn as open.
view.listen(project, found)
shown = chosen.shown(project, found)
# A table of figures is wide: none of them is cut off on a small screen.
left, right = workbench.sides(left_share=15)
with left:
    view.draw(shown)
    words.units(shown)
with right:
    workbench.begin(shown.part)
    sentences.show(shown)
