"""People's own slices: made from a search with a live count, renamed, deleted, held over runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from engine.inspection import slices
from engine.runner import models
from pages.widgets.common import address, search_form, tables
from pages.widgets.common.errors import literal, show
from pages.widgets.common.words import count
from storage.database.store import database
from storage.errors import InputError, WhetstoneError
from storage.finding import own_slices
from storage.finding.own_slices import OwnSlice
from storage.finding.search import Search
from storage.types import Project, Run

FORM = "own-slice"
ABOUT = "A slice of your own: the documents that a search or an expression finds."
LIVE = "It is looked for anew each time, in every run."
# Columns that a person can look through; older runs are left out.
MOST_RUNS = 12
NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn


def make(project: Project) -> None:
    """Offer to make a slice."""
    if database().barrier() is not None:
        return
    # A new key closes what was open once a slice is kept.
    turn = st.session_state.get(f"{FORM}-turn", 0)
    with st.popover("New slice", icon=":material/add:", key=f"{FORM}-{turn}", help=ABOUT):
        _form(project)


@st.fragment
def _form(project: Project) -> None:
    """Let a person look for documents, see how many there are, and keep the search."""
    st.caption(f"{ABOUT} {LIVE}")
    found = search_form.show(project, FORM)
    wanted = search_form.current(FORM)
    splits = [f"{number:,} in {split}" for split, number in found.split.items() if number]
    where = f": {', '.join(splits)}" if found.total else ""
    st.markdown(f"**{count(found.total, 'document')}**{literal(where)}")
    name = st.text_input("Name", key=f"{FORM}-name", max_chars=200, placeholder=wanted.words)
    if st.button("Keep", type="primary", icon=":material/check:", disabled=wanted.finds_all):
        try:
            made = own_slices.create(database(), project.id, name or wanted.words, wanted)
        except WhetstoneError as error:
            show(error)
            return
        _opened(made)
        st.rerun()


def _opened(made: OwnSlice) -> None:
    """Open what was made, and leave the form empty."""
    address.write(slice=made.key)
    search_form.put(FORM, Search())
    st.session_state.pop(f"{FORM}-name", None)
    st.session_state[f"{FORM}-turn"] = st.session_state.get(f"{FORM}-turn", 0) + 1


def change(own: OwnSlice) -> None:
    """Offer to rename or delete a slice."""
    if database().barrier() is not None:
        return
    with st.popover("", icon=":material/edit:", help="Rename or delete this slice"):
        name = st.text_input("Name", own.name, key=f"rename-slice-{own.id}")
        if st.button("Rename", disabled=name.strip() in ("", own.name)):
            _try(own_slices.rename, database(), own.id, name)
        st.caption(
            "Deleting takes the slice out of every report; no document or label changes. It "
            "cannot be undone, only made anew."
        )
        if st.button("Delete slice", icon=":material/delete:"):
            address.write(slice="")
            _try(own_slices.remove, database(), own.id)


def _try(change, *arguments: object) -> None:
    try:
        change(*arguments)
    except WhetstoneError as error:
        show(error)
        return
    st.rerun()


def over_runs(project: Project, split: str) -> None:
    """Show the F1 of each own slice in the runs of the project, on the documents of now."""
    own = own_slices.of_project(database(), project.id)
    known = models(database(), project.id, most=MOST_RUNS)[::-1]
    if not own or len(known) < 2:
        return
    st.markdown("###### Your slices over the runs")
    st.caption(
        f"F1 on the {split} documents of each run that a slice finds now. Oldest first; empty "
        "where a run was scored on none of them."
    )
    rows = [_row(each, known, split) for each in own]
    columns = {"title": TEXT("Slice", pinned=True, width=160)}
    columns |= {"trend": st.column_config.LineChartColumn("F1", width=110, y_min=0, y_max=1)}
    columns |= {str(run.id): NUMBER(run.title, format="%.3f", width=60) for run in known}
    tables.show(
        pd.DataFrame(rows, columns=list(columns)),
        hide_index=True,
        column_config=columns,
        key=f"slices-over-runs-{split}",
        placeholder="–",
        alt="F1 of your own slices in each run",
    )


def _row(own: OwnSlice, known: Sequence[Run], split: str) -> Mapping[str, object]:
    try:
        found = slices.over_runs(database(), own, known, split)
    except InputError:
        # The page says of the same search why it cannot be looked for.
        found = {}
    figures = {str(run): f1 for run, (f1, _) in found.items()}
    trend = [found[run.id][0] for run in known if run.id in found]
    return {"title": own.name, "trend": trend, **figures}
