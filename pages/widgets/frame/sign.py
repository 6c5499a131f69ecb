"""A small sign in the sidebar of every page: what runs now, and what is done and not yet seen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.evaluation.figures import known_by
from engine.runner import has_model, results
from pages.widgets.common import address, leave, words
from pages.widgets.common.errors import literal
from storage.corpus import projects
from storage.database import settings
from storage.database.store import database
from storage.errors import StorageError
from storage.runs import runs
from storage.runs.runs import Tally, Which
from storage.types import Run, RunState

REFRESH_SECONDS, IDLE_SECONDS = 2.0, 10.0
# Suggestions are queued a moment after a training is done: so long the sign goes on asking.
QUIET_TURNS = 3
SEEN, KNOWN = "seen_run", "sign-known"
STATES = {
    RunState.QUEUED: "waiting",
    RunState.STARTING: "starting",
}


def show(page: str) -> None:
    """Draw the sign below all else in the sidebar, so that its coming and going moves nothing."""
    st.session_state["quiet_turns"] = 0
    live = runs.tally(database()).live > 0
    with st.sidebar:
        # Also without a run: another process may start one, such as a command in a shell.
        st.fragment(_draw, run_every=REFRESH_SECONDS if live else IDLE_SECONDS)(page, live)


def _draw(page: str, was_live: bool) -> None:
    tally = runs.tally(database())
    if tally.live and not was_live:
        # The whole page: what it says of runs is another now, and the timer a faster one.
        st.rerun(scope="app")
    if was_live and not tally.live:
        _rest()
    live, ended = _runs(tally)
    if live:
        _running(live)
    elif ended and ended.state is not RunState.CANCELLED:
        _done(ended, page)


def _runs(tally: Tally) -> tuple[Sequence[Run], Run | None]:
    """Return the runs that have not ended, the oldest first, and the newest that has.

    Read again only where something has changed.
    """
    before, known = st.session_state.get(KNOWN, (None, ([], None)))
    if tally.live or before != tally:
        live = runs.list_runs(database(), which=Which(ended=False))
        ended = runs.list_runs(database(), which=Which(ended=True, numbered=True), most=1)
        known = live[::-1], next(iter(ended), None)
        st.session_state[KNOWN] = (tally, known)
    return known


def _rest() -> None:
    """After a few quiet turns run the page once more, which makes the timer a slow one."""
    st.session_state["quiet_turns"] = st.session_state.get("quiet_turns", 0) + 1
    if st.session_state["quiet_turns"] >= QUIET_TURNS:
        st.rerun(scope="app")


def _running(live: Sequence[Run]) -> None:
    """Name the run that is furthest, and how many wait behind it."""
    run = next((run for run in live if run.state is not RunState.QUEUED), live[0])
    waiting = len(live) - 1
    leave.page_link(
        "train.py",
        label=f"{run.title} · {_where(run)}" + (f" · {waiting} waiting" if waiting else ""),
        icon=":material/sync:",
        query_params={"project": str(run.project_id)},
        help="A run goes on in the background, also while you tag or close the browser.",
    )


def _where(run: Run) -> str:
    """Say what a run does and how far it is: "training 40 %"."""
    steps, step = run.progress.get("steps"), run.progress.get("step")
    what = STATES.get(run.state) or literal(str(run.progress.get("phase") or "starting"))
    return f"{what} {min(1.0, step / steps):.0%}".replace("%", " %") if steps and step else what


def _done(run: Run, page: str) -> None:
    """Say that a run has ended, until its report, or else its page, was opened."""
    good = has_model(run)
    where = "report" if good else "train"
    if run.id <= _seen():
        return
    here = page == where and st.session_state.get("project") == run.project_id
    if here and address.read_id("run") in (run.id, None):
        _see(run)
        return
    ended = "is done" if run.state is RunState.DONE else "failed"
    leave.page_link(
        f"{where}.py",
        label=f"{run.title} {ended}{_score(run) if good else ''}",
        icon=":material/check_circle:" if good else ":material/error:",
        query_params={"project": str(run.project_id)} | ({"run": str(run.id)} if good else {}),
        help="Opens the report." if good else "Opens the run, which says why.",
    )


def _score(run: Run) -> str:
    known = known_by(results.of_run(database(), run.id) or {})
    if known is None:
        return ""
    said = words.of(projects.get_project(database(), run.project_id))
    return f": {said.short} {known[1]:.2f}"


def _seen() -> int:
    return max(st.session_state.get(SEEN, 0), settings.get(database(), SEEN, 0))


def _see(run: Run) -> None:
    st.session_state[SEEN] = run.id
    try:
        settings.put(database(), SEEN, run.id)
    except StorageError:
        # A home that can only be read: then this session alone knows it.
        return
