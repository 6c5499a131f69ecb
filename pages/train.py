"""Train: choose a base model and settings, start a run, watch it, go on working."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.sidebar import require_project
from pages.widgets.focus import steps
from pages.widgets.train import learnable, recipe, run_list, run_view, zero_shot

address.keep_only()
st.title("Train")
project = require_project()
steps.show(project)
left, right = st.columns([4, 5], gap="large")
with left:
    st.subheader("New run")
    if known := learnable.show(project):
        recipe.show(project, known)
        learnable.details(project, known)
    zero_shot.offer(project)
with right:
    st.subheader("Runs")
    started = run_list.newest(project)
    if started:
        run_view.show(project, started)
        run_list.offer_older(project, started)
    else:
        st.info(
            "No run yet. Training goes on in the background: you can tag, close the browser or "
            "stop Whetstone, and the run continues.",
            icon=":material/info:",
        )
