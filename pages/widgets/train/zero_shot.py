"""The button that asks the zero-shot model, with what that costs and where texts go."""

from __future__ import annotations

import streamlit as st

from engine.runner import why
from engine.runner.zero_shot import choice, passes
from engine.zero_shot.model import ENDPOINT, ZeroShotModel
from pages.widgets.common import leave
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.finding import facets
from storage.runs import runs
from storage.types import Project, Run, RunState

REFRESH_SECONDS = 2.0


def offer(project: Project) -> None:
    """Offer to ask the zero-shot model, or show how far it is; nothing where it is off."""
    model = choice.chosen(database())
    if passes.hindrance(project, model) or not project.labels:
        return
    with st.container(border=True, gap="small"):
        working = passes.at_work(database(), project.id)
        st.fragment(_show, run_every=REFRESH_SECONDS if working else None)(
            project, model, working.id if working else None
        )


def _show(project: Project, model: ZeroShotModel, drawn: int | None) -> None:
    working = passes.at_work(database(), project.id)
    if (working.id if working else None) != drawn:
        # The button comes back, or the timer begins: the whole page changes.
        st.rerun(scope="app")
    if working:
        _follow(working)
    else:
        _ask(project, model)


def _ask(project: Project, model: ZeroShotModel) -> None:
    left = facets.index(database(), project.id).to_do.bit_count()
    title = literal(model.title)
    if st.button(
        f"Suggest with {title}",
        icon=":material/lightbulb:",
        key="zero-shot-suggest",
        **leave.to(passes.suggest),
    ):
        _queue(project)
    st.caption(_costs(model, left))
    if last := passes.newest(database(), project.id):
        st.caption(_ended(last))


def _costs(model: ZeroShotModel, left: int) -> str:
    few = min(model.documents, left)
    said = [f"It knows no examples. It reads {few:,} of {count(left, 'document')} to do"]
    if model.kind != ENDPOINT:
        return f"{said[0]}, on this computer."
    said.append(f"with at most {model.requests:,} requests and {model.tokens:,} tokens.")
    host = f"**{literal(model.host)}**"
    said.append(
        f"Their texts, your labels, guideline and five examples at most go to {host}."
        if model.leaves
        else f"{host} is this computer."
    )
    return f"{said[0]}, {' '.join(said[1:])}"


def _ended(run: Run) -> str:
    words = {RunState.FAILED: "Failed: ", RunState.CANCELLED: "Cancelled. "}.get(run.state, "")
    return f"Last time: {words}{literal(run.message)}"


def _follow(run: Run) -> None:
    progress = run.progress
    done, total = progress.get("step", 0), progress.get("steps", 0)
    if total:
        st.progress(min(1.0, done / total), text=f"Document {done:,} of {total:,}")
    else:
        st.caption(literal(why(database(), run)) if run.state is RunState.QUEUED else "It begins.")
    if st.button("Stop asking", icon=":material/stop:", **leave.to(runs.request_cancel)):
        runs.request_cancel(database(), run.id)
        st.toast("Stopping within seconds. What was answered costs nothing the next time.")


def _queue(project: Project) -> None:
    try:
        passes.suggest(database(), project.id)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun(scope="app")
