"""One run, live: state, progress, curves, log; cancel it or start again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine import events
from engine.runner import enqueue
from engine.runner.folders import settings_of
from pages.widgets import charts, run_picker
from pages.widgets.errors import literal
from pages.widgets.store import database
from storage import home, runs
from storage.errors import WhetstoneError
from storage.types import Project, Run, RunState

REFRESH_SECONDS = 1.0
LOG_LINES = 200
BADGES = {
    RunState.QUEUED: (":material/schedule:", "gray"),
    RunState.STARTING: (":material/hourglass_top:", "blue"),
    RunState.RUNNING: (":material/sync:", "blue"),
    RunState.DONE: (":material/check_circle:", "green"),
    RunState.FAILED: (":material/error:", "red"),
    RunState.CANCELLED: (":material/cancel:", "gray"),
}


def show(project: Project, known: Sequence[Run]) -> None:
    """Show the chosen run, the newest unless another is picked."""
    ids = [run.id for run in known]
    by_id = {run.id: run for run in known}
    watched = st.session_state.pop("watched", None)
    if watched in ids:
        st.session_state["shown_run"] = watched
    if st.session_state.get("shown_run") not in ids:
        st.session_state["shown_run"] = ids[0]
    chosen = st.selectbox(
        "Run",
        ids,
        format_func=lambda run_id: run_picker.title(by_id[run_id]),
        key="shown_run",
        label_visibility="collapsed",
    )
    live = not by_id[chosen].state.final
    st.fragment(_watch, run_every=REFRESH_SECONDS if live else None)(project, chosen, live)


def _watch(project: Project, run_id: int, was_live: bool) -> None:
    run = runs.get_run(database(), run_id)
    if was_live and run.state.final:
        # The whole page changes with the end of a run: its list, its buttons, no more timer.
        st.rerun(scope="app")
    _state(run)
    if not run.state.final:
        _position(run)
        if st.button("Cancel this run", icon=":material/stop:", key=f"cancel-{run.id}"):
            runs.request_cancel(database(), run.id)
            st.toast("Cancelling: the run stops within seconds.")
    elif run.state is RunState.DONE:
        st.page_link(
            "report.py",
            label="Open the report",
            icon=":material/grid_on:",
            query_params={"run": str(run.id)},
        )
    else:
        _again(project, run)
    _curves(run)
    _details(run)


def _state(run: Run) -> None:
    icon, color = BADGES[run.state]
    st.badge(str(run.state).capitalize(), icon=icon, color=color)
    if run.state is RunState.FAILED:
        st.error(f"Failed: {literal(run.message)}", icon=":material/error:")
    elif run.message and not run.state.final:
        st.caption(literal(run.message))


def _position(run: Run) -> None:
    progress = run.progress
    steps = progress.get("steps")
    if run.state is RunState.QUEUED:
        st.caption("Waits for the run before it: one at a time.")
        return
    if not steps:
        st.progress(0.0, text="Loading the base model")
        return
    left = progress.get("seconds_left")
    words = progress.get("words_per_second")
    text = f"{progress.get('phase', 'training')} · epoch {progress['epoch']}/{progress['epochs']}"
    text += f" · {_duration(left)} left" if left is not None else ""
    text += f" · {words:,.0f} words/s" if words else ""
    text += f" · {progress['device']}" if progress.get("device") else ""
    st.progress(min(1.0, progress["step"] / steps), text=text)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{rest} s"


def _again(project: Project, run: Run) -> None:
    if st.button("Start again", icon=":material/replay:", type="primary", key=f"again-{run.id}"):
        try:
            fresh = enqueue(database(), project.id, str(run.settings["base"]), settings_of(run))
        except WhetstoneError as error:
            st.error(literal(str(error)))
            return
        st.session_state["watched"] = fresh.id
        st.rerun(scope="app")


def _curves(run: Run) -> None:
    points = [
        {"epoch": m["epoch"], "loss": m.get("loss"), "f1": (m.get("dev") or {}).get("f1")}
        for m in runs.metrics(database(), run.id)
    ]
    if not points:
        return
    loss, f1 = st.columns(2)
    loss.altair_chart(charts.curve(points, "loss", "Training loss"), alt="Training loss by epoch")
    if any(point["f1"] is not None for point in points):
        f1.altair_chart(charts.curve(points, "f1", "Dev entity F1"), alt="Dev entity F1 by epoch")
    else:
        f1.caption("No dev documents are done, so there is no F1 to watch.")


def _details(run: Run) -> None:
    with st.expander("Settings and log"):
        st.json(dict(run.settings), expanded=True)
        found, _ = events.read(home.run_folder(run.id) / events.FILE)
        lines = [f"{e['at'][11:19]}  {e['message']}" for e in found if e.get("message")]
        st.code("\n".join(lines[-LOG_LINES:]) or "Nothing was logged yet.", language=None)
