"""Checking the labels: one click, how far it is, how much is decided, and what to do then."""

from __future__ import annotations

import streamlit as st

from engine import tasks
from engine.configuration import bases, recipes
from engine.evaluation.suspects import LIKELY, LITTLE
from engine.inspection import label_check
from engine.inspection.training_data import TrainingData
from engine.jobs.kinds import FOLDS, ROUNDS
from engine.runner import changes, check_labels, lacks, newest_model
from pages.widgets.common import leave
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.home import next_step
from pages.widgets.report import again
from pages.widgets.train import run_view
from pages.widgets.train.estimate import Estimate
from storage.database.store import database
from storage.errors import NotFoundError, WhetstoneError
from storage.journal import annotations as journal
from storage.runs import runs, suspects
from storage.runs.suspects import State, Wanted
from storage.types import Project, Run, RunState

SECONDS, GLANCE = 1.0, 3.0


def offer(project: Project) -> None:
    """Say what a check does and how long it takes here, and start it with one click."""
    with st.container(border=True, width=720):
        st.markdown("##### Is it the model, or the label?", anchors=False)
        if missing := lacks(database(), project.id):
            st.info(missing, icon=":material/info:")
            return
        rounds = recipes.rounds_of(recipes.FOLDS)
        st.markdown(
            "Checks every label of the training documents with small models that never saw them: "
            f"{recipes.FOLDS * rounds} trainings on halves of them, so that each label "
            f"has {rounds} independent opinions{_elsewhere(project, 'and how')}. "
            "What looks wrong or missing comes here, the most suspicious first, each with its "
            "reason and one key to decide. Nothing is changed by itself."
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            start(project, "Check the labels", primary=True)
            st.caption(f"Takes {_time(project)} here; you can go on tagging, or close the browser.")


def start(project: Project, label: str, *, primary: bool = False) -> None:
    """Show the button that starts a check."""
    if not st.button(
        label,
        type="primary" if primary else "secondary",
        icon=":material/rule:",
        key="check-labels",
        **leave.to(runs.create_run),
    ):
        return
    try:
        run = check_labels(database(), project.id)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.toast(f"{run.title} checks the labels.", icon=":material/rocket_launch:")
    st.rerun()


def follow(run: Run) -> None:
    """Show a check that goes on, or that ended without a result."""
    live = not run.state.final
    with st.container(border=True, width=720):
        st.markdown(f"##### {run.title} checks the labels", anchors=False)
        st.fragment(_watch, run_every=SECONDS if live else None)(run.id, run.state)


def _watch(run_id: int, drawn: RunState) -> None:
    run = runs.get_run(database(), run_id)
    if run.state is not drawn:
        st.rerun(scope="app")
    run_view.state(run)
    if run.state.final:
        run_view.go_on(run)
    else:
        run_view.position(run)
        run_view.stop(run)


def follow_up(project: Project, newest: Run, done: Run) -> None:
    """Say how much of what a check suspects is decided, and offer what comes next.

    ``newest`` may be done, too, and wait to be shown.
    """
    waits = newest.id != done.id and newest.state is RunState.DONE
    if newest.id != done.id and not waits:
        follow(newest)
    fresh = changes.since(database(), done)
    with st.container(border=True):
        # The list tells nobody what is decided in it: this looks by itself.
        st.fragment(_decided, run_every=GLANCE)(done.id)
        st.caption(_about(project, done))
        if not label_check.informed(database(), done):
            st.warning(LITTLE, icon=":material/warning:")
        _train_again(project, done)
    if fresh.total and newest.state.final and not waits:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            start(project, "Check again")
            st.caption(f"{next_step.changed(fresh)} since this check.", width="stretch")


def _decided(run_id: int) -> None:
    found = suspects.count(database(), run_id, Wanted(least=LIKELY))
    total = found.total()
    decided = total - found[State.OPEN]
    st.markdown(f"##### {count(total, 'place')} of train look wrong", anchors=False)
    parts = f"{found[State.MENDED]:,} mended, {found[State.KEPT]:,} kept"
    st.progress(decided / max(total, 1), text=f"{decided:,} decided: {parts}")


def _elsewhere(project: Project, joined: str) -> str:
    """Say that the same words elsewhere speak, too, where a mark has words of its own."""
    task = tasks.get(project.task)
    return (
        "" if task.marks_whole else f", {joined} the same {task.words.same} is labelled elsewhere"
    )


def _about(project: Project, run: Run) -> str:
    folds, rounds = (int(run.settings[name]) for name in (FOLDS, ROUNDS))
    part = "half" if folds == 2 else f"{folds - 1} of {folds} parts"
    by = f"the {rounds}" if rounds > 1 else "the one"
    return (
        f"{run.title}: {folds * rounds} models, each trained on {part} of train; every label was "
        f"weighed by {by} that never saw it{_elsewhere(project, 'and by how')}. "
        "Below what looks wrong the list goes on, ever less suspicious."
    )


def _train_again(project: Project, check: Run) -> None:
    """Offer the next training where something is mended, and what the last one changed."""
    try:
        model = newest_model(database(), project.id)
    except NotFoundError:
        leave.page_link("train.py", label="Train a model", icon=":material/model_training:")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        again.offer(project, model)
        st.caption("Mend about ten, then train again.")
    pair = label_check.around(database(), project, check)
    if pair:
        st.page_link(
            "compare.py",
            label="What changed",
            icon=":material/compare_arrows:",
            query_params={"a": str(pair[0].id), "b": str(pair[1].id)},
            help="Holds the training after this check against the one before it.",
        )


def _time(project: Project) -> str:
    """Say how long a check takes here; known until a sentence is marked done, or is no more."""
    stamp = journal.stamp(database(), project.id)
    known = st.session_state.get("check-time")
    if known is None or known[0] != (project.id, stamp):
        known = st.session_state["check-time"] = (project.id, stamp), _estimated(project)
    return known[1]


def _estimated(project: Project) -> str:
    folds = recipes.FOLDS
    train = TrainingData.of(database(), project).data(bases.shape(bases.BUNDLED))
    settings, data = recipes.of_folds(train, folds), recipes.shown_of(train, folds)
    trainings = folds * recipes.rounds_of(folds)
    return Estimate.of().of_folds(settings, data, trainings, train.words // folds)
