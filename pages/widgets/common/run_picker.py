"""Which run and which split a report is about; both can be named in the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import streamlit as st

from engine.jobs import kinds
from engine.runner import has_model
from engine.runner import models as having_models
from pages.widgets.common import address, leave
from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.errors import NotFoundError
from storage.runs import runs
from storage.serving import versions
from storage.types import Project, Run, RunState, Stage


def title(run: Run, stage: str = "") -> str:
    """Name a training as people see it, with the time of day here, its recipe and its note.

    ``stage`` is what the project made of its model: "live", "candidate".
    """
    created = datetime.fromisoformat(run.created_at).astimezone()
    parts = (run.title, stage, f"{created:%Y-%m-%d %H:%M}", run.settings.get("recipe"), run.note)
    return " · ".join(str(part) for part in parts if part)


def live_first(known: Sequence[Run], stages: Mapping[int, Stage]) -> list[Run]:
    """Return the run whose model is live, then the candidate, then the others as given."""
    order = [Stage.LIVE, Stage.CANDIDATE, None]
    return sorted(known, key=lambda run: order.index(stages.get(run.id)))


def choose(project: Project) -> Run:
    """Return the run to report on, or say what to do and end the page."""
    finished, asked = models(project, "run"), _asked(project, "run")
    if asked and not kinds.of(asked).leaves_model:
        _explain(asked)
    trainings = runs.Which(kinds=kinds.with_models())
    newest = runs.list_runs(database(), project.id, trainings, most=1)
    _say_why(asked if st.query_params.get("run") or finished else next(iter(newest), None))
    if not finished:
        st.info("No run has finished yet.", icon=":material/info:")
        leave.page_link("train.py", label="Train a model")
        st.stop()
    known, made = {run.id: run for run in finished}, versions.stages(database(), project.id)
    number = address.read_id("run")
    if number not in known and st.query_params.get("run"):
        named = f"Run {number}" if number else "The run in the address"
        st.warning(f"{named} has no report in this project; here is the newest one.")
    wanted = number if number in known else finished[0].id
    chosen = st.selectbox(
        "Run",
        list(known),
        index=list(known).index(wanted),
        format_func=lambda run_id: title(known[run_id], made.get(run_id, "")),
        label_visibility="collapsed",
        width=320,
    )
    address.write(run=str(chosen))
    return known[chosen]


def models(project: Project, *names: str) -> list[Run]:
    """Return the newest runs with a model to choose from, with those that cannot be missing.

    These are what is live, the candidate and those that the address names.
    """
    known, asked = having_models(database(), project.id), map(address.read_id, names)
    return with_these(known, project, {*versions.stages(database(), project.id), *asked})


def with_these(known: list[Run], project: Project, ids: Iterable[int | None]) -> list[Run]:
    """Return runs and, behind them, those of the project with these ids that have a model, too."""
    missing = {id for id in ids if id} - {run.id for run in known}
    if not missing:
        return known
    found = runs.list_runs(database(), project.id, runs.Which(ids=missing))
    return [*known, *filter(has_model, found)]


def _asked(project: Project, name: str) -> Run | None:
    """Return the run of the project that the address names."""
    try:
        run = runs.get_run(database(), address.read_id(name) or 0)
    except NotFoundError:
        return None
    return run if run.project_id == project.id else None


def _say_why(asked: Run | None) -> None:
    """Say why the run that is asked for has no report."""
    if asked and asked.state is RunState.FAILED:
        st.error(f"{asked.title} failed: {literal(asked.message)}", icon=":material/error:")


def _explain(run: Run) -> None:
    """Say that this kind of run has no report, and where it is shown."""
    kind = kinds.of(run)
    st.info(f"{run.title} {kind.without_report}.", icon=":material/info:")
    leave.page_link("train.py", label="See the run", icon=f":material/{kind.icon}:")
    st.session_state["watched"] = run.id
    st.stop()


def choose_split(report: Mapping | None) -> str:
    """Return the split to look at: test where there is one. Ends the page where there is none."""
    if report is None:
        st.error(
            "This run left no report that could be read: train again.", icon=":material/error:"
        )
        st.stop()
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


def offer_comparison(run: Run) -> None:
    """Lead to what a run made better and worse than the one before it."""
    for before in having_models(database(), run.project_id, before=run.id, most=1):
        st.page_link(
            "compare.py",
            label=f"Compare with {before.title}",
            icon=":material/compare_arrows:",
            query_params={"a": str(before.id), "b": str(run.id)},
        )
