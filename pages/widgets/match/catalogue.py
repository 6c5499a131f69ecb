"""The catalogues of a project: which one is asked, how far it is, how it is renewed and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine import tasks
from engine.runner import catalogues, delete_run, results, resume, why
from pages.widgets.common import address, leave
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.match import loading
from storage.corpus import projects
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.permissions import may, needed
from storage.runs import runs
from storage.types import Project, Run, RunState

REFRESH_SECONDS = 1.0
UNTRAINED = (
    "No model is trained yet: this shows what is alike, not what answers. Accept and reject what "
    "it finds, then train."
)


@dataclass(frozen=True, slots=True)
class Open:
    """A catalogue that can be asked."""

    run: Run
    report: Mapping[str, Any]

    @property
    def least(self) -> float | None:
        """From which score on an answer is good, as dev says; None where nothing said it."""
        chosen = self.report.get("threshold")
        return chosen["value"] if chosen else None

    @property
    def highest(self) -> float:
        """The score of what fits best."""
        return float(self.report.get("highest") or 1.0)


def require(project: Project) -> None:
    """Go on where the project's documents have two texts; else say what to do and end the page."""
    if tasks.get(project.task).fitting is not None:
        return
    st.info(
        f"The project {literal(project.name)} labels one text at a time. Match learns from pairs: "
        "a question and an answer, a user's history and an item, each pair with *match* or "
        "*no match*.",
        icon=":material/info:",
    )
    others = [
        each
        for each in projects.list_projects(database())
        if tasks.get(each.task).fitting is not None
    ]
    if others:
        names = ", ".join(f"**{literal(each.name)}**" for each in others)
        st.markdown(f"Choose one on pairs of texts in the sidebar: {names}.")
    else:
        st.page_link("home.py", label="Open the sample of pairs, or make your own project")
    st.stop()


def choose(project: Project) -> Open:
    """Return the catalogue to ask, or show how one is loaded and end the page."""
    known = catalogues.known(database(), project.id)
    if not known:
        _welcome(project)
        st.stop()
    asked = address.read_id("catalogue")
    by_id = {run.id: run for run in known}
    wanted = _wanted(known, asked)
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = by_id[
            st.selectbox(
                "Catalogue",
                list(by_id),
                index=list(by_id).index(wanted),
                format_func=lambda id: catalogues.name_of(by_id[id]),
                width=280,
                label_visibility="collapsed",
            )
        ]
        address.write(catalogue=str(chosen.id))
        if may(needed(runs.create_run)):
            _manage(project, chosen)
    return _ready(project, chosen)


def _manage(project: Project, chosen: Run) -> None:
    turn = st.session_state.get("catalogue-turn", 0)
    # Another one each time: they would stay open over what comes next.
    with st.popover("Load another", icon=":material/upload_file:", key=f"load-{turn}"):
        loading.load(project)
    with st.popover("Delete", icon=":material/delete:", key=f"delete-{chosen.id}"):
        _delete(chosen)


def _wanted(known: Sequence[Run], asked: int | None) -> int:
    """Return the id of the catalogue that the address names, also by an older run of it."""
    ids = [run.id for run in known]
    if asked in ids:
        return asked
    for run in known:
        if any(each.id == asked for each in catalogues.same_items(database(), run)):
            return run.id
    return ids[0]


def _welcome(project: Project) -> None:
    st.markdown(
        "Find what answers a text. Load a **catalogue** first: the answers, items or articles to "
        "choose from, a row each. It is read once, in the background; then you type a question, "
        "and accept or reject what is found with one key. Every decision becomes a labelled pair "
        f"of {literal(project.name)}, and the next training learns from it."
    )
    if not may(needed(runs.create_run)):
        st.info("An admin loads the catalogue.", icon=":material/lock:")
        return
    with st.container(border=True, width=720):
        loading.load(project)


def _delete(run: Run) -> None:
    st.markdown(
        f"Deletes the catalogue {literal(catalogues.name_of(run))} and its index. The pairs that "
        "you made with it stay."
    )
    if st.button("Delete it for good", type="primary", icon=":material/delete:"):
        try:
            for each in catalogues.same_items(database(), run):
                delete_run(database(), each.id)
        except WhetstoneError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
        st.query_params.pop("catalogue", None)
        st.rerun()


def _ready(project: Project, run: Run) -> Open:
    """Return the catalogue where it can be asked, else show how far it is and end the page."""
    if run.state is not RunState.DONE:
        if run.state.final:
            _explain(run)
        else:
            st.fragment(_watch, run_every=REFRESH_SECONDS)(run.id)
        st.stop()
    report = results.of_run(database(), run.id)
    if report is None:
        st.error("This catalogue left nothing that can be read.", icon=":material/error:")
        _again(run, loading.model(project), "Read it again")
        st.stop()
    _tell(project, run, report)
    return Open(run, report)


def _explain(run: Run) -> None:
    if run.state is RunState.FAILED:
        st.error(f"Reading it failed: {literal(run.message)}", icon=":material/error:")
    else:
        st.info("Reading it was stopped.", icon=":material/info:")
    _resume(run)


def _resume(run: Run) -> None:
    asked = leave.to(runs.requeue)
    if st.button("Go on reading it", icon=":material/play_arrow:", type="primary", **asked):
        try:
            resume(database(), run.id)
        except WhetstoneError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
        st.rerun()


def _watch(run_id: int) -> None:
    """Show how far the reading is; the whole page changes once it has ended."""
    run = runs.get_run(database(), run_id)
    if run.state.final:
        st.rerun(scope="app")
    name = literal(catalogues.name_of(run))
    if run.state is RunState.QUEUED:
        st.caption(f"{name} waits to be read. {literal(why(database(), run))}")
    else:
        steps, step = run.progress.get("steps") or 0, run.progress.get("step") or 0
        share = min(1.0, step / steps) if steps else 0.0
        far = f": {step:,} of {steps:,} items" if steps else ""
        st.progress(share, text=f"Reading {name}{far}. You can leave this page meanwhile.")
    asked = leave.to(runs.request_cancel)
    if st.button("Stop", icon=":material/stop:", key=f"stop-{run.id}", **asked):
        runs.request_cancel(database(), run.id)


def _tell(project: Project, run: Run, report: Mapping[str, Any]) -> None:
    """Say what the catalogue holds and which model reads it; offer a newer one."""
    newest, own = loading.model(project), None
    if run.model_of:
        own = runs.get_run(database(), run.model_of)
    by = _ordered(own, float(report.get("likeness_weight", 0.0)))
    index = report["index"]
    exact = (
        "every one is compared"
        if index["kind"] == "exact"
        else f"an index finds {index['recall']:.1%} of what comparing all would"
    )
    st.caption(f"{count(report['items'], 'item')} · {by} · {exact}")
    if newest and (own is None or newest.id > own.id):
        _offer_newer(run, own, newest)
    elif own is None:
        st.caption(f":material/lightbulb: {UNTRAINED}")


def _ordered(own: Run | None, weight: float) -> str:
    """Say who finds the items and who orders them: on few pairs the retriever orders better."""
    if own is None:
        return "the untrained encoder finds them"
    if weight >= 1:
        return f"the retriever of {own.title} finds and orders them (better on dev than its model)"
    with_it = " and its retriever order" if weight else " orders"
    return f"the retriever of {own.title} finds them, its model{with_it} them"


def _offer_newer(run: Run, own: Run | None, newest: Run) -> None:
    db = database()
    going = next(
        (
            each
            for each in catalogues.same_items(db, run)
            if each.model_of == newest.id and not each.state.final
        ),
        None,
    )
    if going:
        st.fragment(_watch, run_every=REFRESH_SECONDS)(going.id)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        made = f"made with {own.title}" if own else "made without a trained model"
        st.markdown(f"This catalogue was {made}; {newest.title} is newer.", width="content")
        _again(run, newest, f"Read it with {newest.title}")


def _again(run: Run, model: Run | None, label: str) -> None:
    asked = leave.to(runs.create_run)
    if st.button(label, icon=":material/autorenew:", key=f"again-{run.id}", **asked):
        try:
            catalogues.embed_again(database(), run, model)
        except WhetstoneError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
        st.rerun()
