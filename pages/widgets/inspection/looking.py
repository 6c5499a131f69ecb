"""The closer look at a run's model: what it found, how far it is, the button that starts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.configuration import bases, timing
from engine.runner import inspect, why
from pages.widgets.common import leave
from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.runs import inspections, reports, runs
from storage.types import Run, RunKind, RunState

REFRESH_SECONDS = 1.0
# Measured on two cores with the bundled model: to load, and for each document, by two models.
LOADING, DOCUMENT = 7.0, 0.004
SMALL = bases.Shape(width=384, layers=6)
WHAT = (
    "reads changed texts of dev (typing errors, capitals, other numbers …), looks for the ten "
    "training texts most like each error, and measures how far labels overlap"
)


def found(run: Run) -> Mapping[str, Any] | None:
    """Return what the newest look at a run's model found; None where nobody has looked."""
    known = inspections.newest(database(), run.id, RunKind.INSPECTION)
    return known[1] if known else None


def suggest(run: Run) -> None:
    """Below sentences that went wrong: offer to find similar ones where nobody has looked yet."""
    if found(run) is not None:
        return
    known = _known(run)
    if known and not known[0].state.final:
        st.fragment(_watch, run_every=REFRESH_SECONDS)(known[0].id)
    elif st.button(
        "Find similar texts for these",
        icon=":material/troubleshoot:",
        type="tertiary",
        key="inspect-similar",
        **leave.to(
            runs.create_run,
            f"Inspects this model: it {WHAT}. It takes {timing.in_words(_seconds(run))}.",
        ),
    ):
        _start(run)


def offer(run: Run, *, again: bool) -> None:
    """Say how a look goes on, or offer one."""
    known = _known(run)
    if known and not known[0].state.final:
        st.fragment(_watch, run_every=REFRESH_SECONDS)(known[0].id)
        return
    if known and known[0].state is RunState.FAILED:
        st.error(f"The last look failed: {literal(known[0].message)}", icon=":material/error:")
    _button(run, again)


def _button(run: Run, again: bool) -> None:
    took = timing.in_words(_seconds(run))
    if not again:
        st.info(
            f"Nobody has looked closer at this model yet. A look {WHAT}. It takes {took}, in the "
            "background."
        )
    if st.button(
        "Look again" if again else "Inspect this model",
        icon=":material/troubleshoot:",
        type="tertiary" if again else "primary",
        key="inspect",
        **leave.to(
            runs.create_run, f"Takes {took}. A training that you start meanwhile goes first."
        ),
    ):
        _start(run)


def _known(run: Run) -> list[Run]:
    """Return the looks at a run's model, the newest first."""
    which = runs.Which(kinds=[RunKind.INSPECTION], model_of=run.id)
    return runs.list_runs(database(), run.project_id, which)


def _start(run: Run) -> None:
    try:
        inspect(database(), run.id)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.rerun()


def _seconds(run: Run) -> float:
    """Estimate how long a look takes, from the documents and the size of the model."""
    report = reports.get_report(database(), run.id) or {}
    documents = sum(part["documents"] for part in (report.get("data") or {}).values())
    shape = bases.shape(str(run.settings["base"]))
    size = (shape.width / SMALL.width) ** 2 * shape.layers / SMALL.layers
    return LOADING + DOCUMENT * (1 + size) * documents


def _watch(run_id: int) -> None:
    """Show how far a look is; the whole page changes once it has ended."""
    run = runs.get_run(database(), run_id)
    if run.state.final:
        st.rerun(scope="app")
    if run.state is RunState.QUEUED:
        st.caption(f"The look at this model waits. {literal(why(database(), run))}")
        return
    steps, step = run.progress.get("steps") or 0, run.progress.get("step") or 0
    share = min(1.0, step / steps) if steps else 0.0
    st.progress(
        share, text=f"Looking closer at this model: {run.progress.get('phase') or 'begins'}"
    )
