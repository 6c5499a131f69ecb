"""Report: the figures of a run, down to the single sentence."""

import streamlit as st

from pages.widgets import address, cell, charts, figures, run_picker, tables
from pages.widgets.sidebar import require_project
from pages.widgets.store import database
from storage import reports

address.keep_only("run", "split", "view", "gold", "predicted")
st.title("Report")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center"):
    run = run_picker.choose(project)
    report = reports.get_report(database(), run.id)
    split = run_picker.choose_split(report)
found = report[split]

figures.in_words(found, split)
figures.headline(found, report)
figures.seeds(report)
entity, token, confusion = "Entities", "Tokens", "Confusion"
view = st.segmented_control(
    "View",
    [confusion, entity, token],
    default=confusion,
    key="view",
    label_visibility="collapsed",
    bind="query-params",
)
if view == entity:
    st.caption("A span counts as right only when its borders and its label both are.")
    tables.show(figures.entity_table(found), hide_index=True, column_config=figures.COLUMNS)
elif view == token:
    st.caption("Single tokens, O included: accuracy here is not the F1 of entities.")
    tables.show(figures.token_table(found), hide_index=True, column_config=figures.COLUMNS)
else:
    labels, counts = found["confusion"]["labels"], found["confusion"]["counts"]
    if not labels:
        st.info(f"The {split} documents hold no spans and none was predicted.")
        st.stop()
    dark = st.context.theme.type == "dark"
    shares = st.toggle("Shares of each row", key="shares")
    st.caption(
        "Rows are what people labelled, columns what the model said. Click a cell to see its "
        "sentences. The diagonal also holds spans with the right label and wrong borders."
    )
    with st.container(width=charts.confusion_width(labels)):
        event = st.altair_chart(
            charts.confusion_chart(labels, counts, shares=shares, dark=dark),
            width="stretch",
            on_select="rerun",
            selection_mode="cell",
            key=f"confusion-{run.id}-{split}",
            alt="Confusion table: gold labels as rows, predicted labels as columns",
        )
    cell.show(project, run, split, found["confusion"], event)
