"""Train: choose a base model and settings, start a run, watch it, go on working."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.sidebar import require_project
from pages.widgets.focus import steps
from pages.widgets.train import learnable, recipe, run_view
from storage.database.store import database
from storage.runs import runs

address.keep_only()
st.title("Train")
project = require_project()
steps.show(project)
left, right = st.columns([4, 5], gap="large")
with left:
    st.subheader("New run")
    if done := learnable.show(project):
        recipe.show(project, done)
        learnable.details(project, done)
with right:
    st.subheader("Runs")
    known = runs.list_runs(database(), project.id)
    if known:
        run_view.show(project, known)
    else:
        st.info(
            "No run yet. Training goes on in the background: you can tag, close the browser or "
            "stop Whetstone, and the run continues.",
            icon=":material/info:",
        )
