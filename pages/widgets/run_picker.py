"""Which run and which split a report is about; both can be named in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from pages.widgets import address
from pages.widgets.errors import literal
from pages.widgets.store import database
from storage import runs
from storage.types import Project, Run, RunState


def title(run: Run) -> str:
    """Name a run as people see it, with the time of day here."""
    created = datetime.fromisoformat(run.created_at).astimezone()
    return f"Run {run.id} · {created:%Y-%m-%d %H:%M}"


def choose(project: Project) -> Run:
    """Return the run to report on, or say what to do and end the page."""
    finished = [run for run in runs.list_runs(database(), project.id) if run.state is RunState.DONE]
    if not finished:
        st.info("No run has finished yet.", icon=":material/info:")
        st.page_link("train.py", label="Train a model")
        st.stop()
    known = {run.id: run for run in finished}
    asked = st.query_params.get("run", "")
    if asked.isdecimal() and int(asked) not in known:
        st.warning(f"Run {literal(asked)} has no report in this project; here is the newest one.")
    wanted = int(asked) if asked.isdecimal() and int(asked) in known else finished[0].id
    chosen = st.selectbox(
        "Run",
        list(known),
        index=list(known).index(wanted),
        format_func=lambda run_id: title(known[run_id]),
        label_visibility="collapsed",
        width=260,
    )
    address.write(run=str(chosen))
    return known[chosen]


def choose_split(report: Mapping) -> str:
    """Return the split to look at: test where there is one."""
    present = [split for split in ("test", "dev") if report.get(split)]
    if not present:
        st.info(
            "This run had neither dev nor test documents, so nothing was scored. "
            "Mark some documents of those splits as done and train again."
        )
        st.stop()
    asked = st.query_params.get("split")
    chosen = st.segmented_control(
        "Split",
        present,
        default=asked if asked in present else present[0],
        required=True,
        label_visibility="collapsed",
    )
    address.write(split=chosen)
    return chosen
