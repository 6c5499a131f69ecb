"""Report: the figures of a run, down to the single sentence."""

import streamlit as st

from engine.evaluation.confusion import Confusion
from engine.runner import results
from pages.widgets.common import address, run_picker
from pages.widgets.common.sidebar import require_project
from pages.widgets.report import again, choice, figures, lists, sentences, table
from storage.database.store import database

CONFUSION = "Confusion"

address.keep_only("run", "split", "view", "gold", "predicted", "only")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Report", width="content")
    run = run_picker.choose(project)
    report = results.of_run(database(), run.id)
    again.offer(project, run)
    split = run_picker.choose_split(report)
scores = report[split]
found = Confusion.of(scores)
views = lists.of(scores, run, split)

figures.in_words(scores, run, split)
figures.headline(scores)
left, right = st.columns([11, 10], gap="medium")
with left:
    view = address.choice("View", [CONFUSION, *views], "view")
    # What was clicked is known before anything is drawn, so that it is drawn as open.
    shown = views.get(view)
    for one in shown.tables if shown else (table,):
        one.listen(run, split)
    part = choice.current(run, split, scores)
    if shown:
        st.caption(f"{shown.about} Click in a row to read its sentences.")
        for one in shown.tables:
            one.draw(run, split)
    elif found.labels:
        table.draw(found, run, split, part)
    else:
        st.info(f"The {split} documents hold no spans and none was predicted.")
    if part:
        sentences.choose(found, part)
    figures.origin(report)
    figures.checked(scores)
    figures.seeds(report)
with right:
    if part:
        sentences.show(project, run, found, part)
