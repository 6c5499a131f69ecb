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
    """Name a run as people see it, with the time of day here and its recipe or its trials."""
    created = datetime.fromisoformat(run.created_at).astimezone()
    recipe = str(run.settings.get("recipe") or "")
    what = f"search, {trials_of(run)} trials" if is_search(run) else recipe
    return f"Run {run.id} · {created:%Y-%m-%d %H:%M}" + (f" · {what}" if what else "")


def trials_of(run: Run) -> int:
    """Return how many trials a search run may make; 0 for a run that trains a model."""
    return int(run.settings.get("trials") or 0)


def is_search(run: Run) -> bool:
    """Tell a search for good settings, which has trials and no model, from a training run."""
    return trials_of(run) > 0


def choose(project: Project) -> Run:
    """Return the run to report on, or say what to do and end the page."""
    everything = runs.list_runs(database(), project.id)
    finished = [run for run in everything if run.state is RunState.DONE and not is_search(run)]
    asked = st.query_params.get("run", "")
    if any(str(run.id) == asked and is_search(run) for run in everything):
        st.info(f"Run {asked} is a search: it has trials, no report.", icon=":material/info:")
        st.page_link("train.py", label="See its trials", icon=":material/manage_search:")
        st.session_state["watched"] = int(asked)
        st.stop()
    if not finished:
        st.info("No run has finished yet.", icon=":material/info:")
        st.page_link("train.py", label="Train a model")
        st.stop()
    known = {run.id: run for run in finished}
    if asked.isdecimal() and int(asked) not in known:
        st.warning(f"Run {literal(asked)} has no report in this project; here is the newest one.")
    wanted = int(asked) if asked.isdecimal() and int(asked) in known else finished[0].id
    chosen = st.selectbox(
        "Run",
        list(known),
        index=list(known).index(wanted),
        format_func=lambda run_id: title(known[run_id]),
        label_visibility="collapsed",
        width=320,
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
