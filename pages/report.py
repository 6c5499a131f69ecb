"""Report: the figures of a run, down to the single sentence."""

import streamlit as st

from engine.evaluation.confusion import Confusion
from pages.widgets.common import address, run_picker
from pages.widgets.common.sidebar import require_project
from pages.widgets.report import again, choice, figures, lists, sentences, table
from storage.database.store import database
from storage.runs import reports

CONFUSION = "Confusion"
LISTS = {"Mistakes": lists.of_mistakes, "Labels": lists.of_labels, "Tokens": lists.of_tokens}
ABOUT = {
    "Mistakes": "Every way in which spans went wrong, the most frequent first.",
    "Labels": "A span counts as right only when its borders and its label both are.",
    "Tokens": "Single tokens, O included: accuracy here is not the F1 of entities.",
}

address.keep_only("run", "split", "view", "gold", "predicted", "only")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Report", width="content")
    run = run_picker.choose(project)
    report = reports.get_report(database(), run.id)
    again.offer(project, run)
    split = run_picker.choose_split(report)
scores = report[split]
found = Confusion.of(scores)

figures.in_words(scores, run, split)
figures.headline(scores)
left, right = st.columns([11, 10], gap="medium")
with left:
    view = address.choice("View", [CONFUSION, *LISTS], "view")
    # What was clicked is known before anything is drawn, so that it is drawn as open.
    shown = LISTS[view](scores, run, split) if view in LISTS else ()
    for one in shown:
        one.listen(run, split)
    if view not in LISTS:
        table.listen(run, split)
    part = choice.current(run, split, scores)
    if view in LISTS:
        st.caption(f"{ABOUT[view]} Click in a row to read its sentences.")
        for one in shown:
            one.draw(run, split)
    elif found.labels:
        table.draw(found, run, split, part)
    else:
        st.info(f"The {split} documents hold no spans and none was predicted.")
    if part:
        sentences.choose(found, part)
    figures.origin(report)
    figures.seeds(report)
with right:
    if part:
        sentences.show(project, run, found, part)
