"""The runs of a project as rows, one of them chosen: its note, and the way to delete it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from engine.jobs import kinds
from engine.runner import delete_run
from pages.widgets.common import tables, words
from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.runs import reports, runs
from storage.serving import versions
from storage.types import Project, Run, RunState, Stage

SHOWN, WATCHED, TURN, LISTED = "shown_run", "watched", "runs-turn", "runs-listed"
# What ended so in the background needs nobody's attention.
WELL = (RunState.DONE, RunState.CANCELLED)
ROWS, ROW_HEIGHT = 5, 35
MINUTE, HOUR = 60, 3600
COLUMNS = {
    "run": st.column_config.TextColumn("Run", width=50, pinned=True),
    "f1": st.column_config.NumberColumn(
        "{short}",
        format="%.3f",
        width=66,
        help="The figure that a run is known by, on test, or on dev where nothing is test.",
    ),
    "state": st.column_config.TextColumn(
        "Status", width=80, help="Of what is done also whether its model is live: see Models."
    ),
    "took": st.column_config.TextColumn("Time", width=70, help="From its start to its end."),
    "note": st.column_config.TextColumn("Note", width=170),
    "what": st.column_config.TextColumn("Recipe", width=90),
    "begun": st.column_config.TextColumn("Started", width=110),
}


def newest(project: Project) -> list[Run]:
    """Return the newest runs, as many as were asked for, and as far back as one that is sent to."""
    most = st.session_state.get(LISTED, runs.LISTED)
    if watched := st.session_state.get(WATCHED):
        most = max(most, runs.count_runs(database(), project.id, watched))
        st.session_state[LISTED] = most
    return runs.list_runs(database(), project.id, most=most)


def offer_older(project: Project, known: Sequence[Run]) -> None:
    """Offer the runs that came before those that are listed, where there are any."""
    older = runs.count_runs(database(), project.id) - len(known)
    noun = "run" if older == 1 else "runs"
    if older > 0 and st.button(f"{older:,} older {noun}", icon=":material/expand_more:"):
        st.session_state[LISTED] = len(known) + runs.LISTED
        st.rerun()


def choose(project: Project, known: Sequence[Run]) -> Run:
    """Show the runs, the newest first, and return the one that is chosen.

    It is the newest that a person started unless another is picked.
    """
    chosen = _chosen(known)
    shown = [run for run in known if run is chosen or not _ended_unnoticed(run)]
    figures = reports.headlines(database(), [run.id for run in shown])
    titles = {run.id: run.title[0].lower() + run.title[1:] for run in known}
    made = versions.stages(database(), project.id)
    event = tables.show(
        pd.DataFrame([_row(run, figures, titles, made) for run in shown]),
        hide_index=True,
        column_config=words.filled(COLUMNS, words.of(project)),
        height=ROW_HEIGHT * (min(ROWS, len(shown)) + 1) + 3,
        on_select="rerun",
        selection_mode=["single-row-required", "single-cell"],
        selection_default={"selection": {"rows": [shown.index(chosen)]}},
        key=key_of(shown),
        placeholder="–",
    )
    if cells := event.selection.get("cells"):
        # Who clicks into a row means the row: a new table, in which it is the chosen one.
        st.session_state[WATCHED] = shown[cells[0][0]].id
        st.rerun()
    rows = event.selection.rows
    chosen = shown[rows[0]] if rows else chosen
    st.session_state[SHOWN] = chosen.id
    return chosen


def key_of(shown: Sequence[Run]) -> str:
    """Return the table's key: with other rows, or another choice than its own, it is a new one."""
    newest = max(run.id for run in shown)
    return f"runs-{newest}-{len(shown)}-{st.session_state.get(TURN, 0)}"


def _chosen(known: Sequence[Run]) -> Run:
    by_id = {run.id: run for run in known}
    watched = st.session_state.pop(WATCHED, None)
    if watched in by_id:
        st.session_state[SHOWN] = watched
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    started = next((run for run in known if kinds.of(run).numbered), known[0])
    return by_id.get(st.session_state.get(SHOWN), started)


def _ended_unnoticed(run: Run) -> bool:
    return kinds.of(run).background and run.state in WELL


def _row(
    run: Run,
    figures: Mapping[int, tuple[str, float]],
    titles: Mapping[int, str],
    made: Mapping[int, Stage],
) -> dict[str, Any]:
    begun = datetime.fromisoformat(run.started_at or run.created_at).astimezone()
    return {
        "run": str(run.number or ""),
        "f1": figures[run.id][1] if run.id in figures else None,
        "state": str(made.get(run.id, run.state)),
        "took": duration(_seconds(run)),
        "note": run.note,
        "what": _purpose(run, titles),
        "begun": f"{begun:%Y-%m-%d %H:%M}",
    }


def _purpose(run: Run, titles: Mapping[int, str]) -> str:
    by = f" by {titles.get(run.model_of, 'a deleted run')}" if run.model_of else ""
    return f"{kinds.of(run).purpose(run)}{by}"


def _seconds(run: Run) -> float | None:
    """Return how long a run took; of one that goes on its own view tells."""
    if not (run.started_at and run.finished_at):
        return None
    begun, ended = map(datetime.fromisoformat, (run.started_at, run.finished_at))
    return (ended - begun).total_seconds()


def duration(seconds: float | None) -> str:
    """Say how long something took: "48 s", "3:20 min", "1:05 h"; a dash of what is not over."""
    if seconds is None:
        return "–"
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE}:{whole % MINUTE:02d} min"
    return f"{whole // HOUR}:{whole % HOUR // MINUTE:02d} h"


def manage(run: Run) -> None:
    """Let a person write a note about a run, and delete it."""
    if not kinds.of(run).numbered:
        return
    key = f"note-{run.id}"
    if key not in st.session_state:
        st.session_state[key] = run.note
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text_input(
            "Note",
            key=key,
            placeholder=f"A note about {run.title}",
            label_visibility="collapsed",
            on_change=_write,
            args=(run.id, key),
            width="stretch",
        )
        with st.popover("Delete", icon=":material/delete:", disabled=run.state.active):
            st.markdown(
                f"Deletes {literal(run.title)} with its report, its model and the suggestions "
                "of that model. Your labels stay. This cannot be taken back."
            )
            label = f"Delete {run.title} for good"
            if st.button(label, type="primary", icon=":material/delete:", key=f"delete-{run.id}"):
                _delete(run)


def _write(run_id: int, key: str) -> None:
    try:
        runs.set_note(database(), run_id, st.session_state[key])
    except WhetstoneError as error:
        st.toast(literal(str(error)), icon=":material/error:")


def _delete(run: Run) -> None:
    try:
        delete_run(database(), run.id)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.toast(f"{run.title} is deleted.", icon=":material/delete:")
    st.rerun(scope="app")
