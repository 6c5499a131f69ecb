"""A search for good settings: its trials as rows, two plots, and "use these settings"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from engine.runs import trials
from engine.runs.trials import Trial
from pages.widgets.common import charts, tables, words
from pages.widgets.common.errors import literal
from pages.widgets.train import recipe
from pages.widgets.train.knobs import KNOBS, describe
from storage.types import Run

USUAL = ("learning_rate", "batch_size", "epochs")
BEST = "best so far"


def show(run: Run, events: Sequence[Mapping]) -> None:
    """Show the trials of a search run from its events; any can be taken over into the form."""
    found = trials.read(events)
    if not found:
        st.caption("No trial has begun yet.")
        return
    best = trials.best(found)
    rows = _rows(found, best)
    event = tables.show(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=_columns(run),
        on_select="rerun",
        selection_mode="single-cell",
        key=f"trials-{run.id}",
    )
    # A click anywhere in a row means that trial.
    clicked = next((row for row, _ in event.selection["cells"] if row < len(found)), None)
    _offer(run, best if clicked is None else found[clicked], best)
    _plots(run, rows)


def _rows(found: Sequence[Trial], best: Trial | None) -> list[dict]:
    """Return a row a trial: what it tried, what came out; the best is marked in words."""
    names = _names(found)
    return [
        {
            "number": trial.number,
            "note": BEST if trial is best else trial.state,
            "f1": trial.f1,
            **{name: trial.settings.get(name) for name in names},
            "trained": trial.epochs,
            "seconds": trial.seconds,
        }
        for trial in found
    ]


def _names(found: Sequence[Trial]) -> list[str]:
    """Return the settings worth a column: the usual ones, and those that trials differ in."""

    def values(name: str) -> list:
        return [trial.settings[name] for trial in found if name in trial.settings]

    present = [name for name in KNOBS if values(name)]
    return [name for name in present if name in USUAL or len(set(values(name))) > 1]


def _columns(run: Run) -> dict:
    number = st.column_config.NumberColumn
    titles = {name: number(knob.title, format="%.3g") for name, knob in KNOBS.items()}
    return titles | {
        "number": number("Trial", pinned=True),
        "note": st.column_config.TextColumn("State", width="small"),
        "f1": number(words.dev_f1(run), format="%.3f"),
        "trained": number("Epochs trained"),
        "seconds": number("Seconds", format="%.0f"),
        "peft": st.column_config.TextColumn("Adapters"),
    }


def _offer(run: Run, trial: Trial | None, best: Trial | None) -> None:
    """Offer the chosen trial's settings, the best one's where none is chosen."""
    if trial is None:
        st.caption("Once a trial is complete, its settings can be used for a run.")
        return
    which = "the best so far" if trial is best else str(trial.state)
    said = f"dev {words.spoken(run)}"
    figure = f", {said} {trial.f1:.3f}" if trial.f1 is not None else ""
    known = {name: value for name, value in trial.settings.items() if name in _names([trial])}
    st.caption(
        literal(f"Trial {trial.number} ({which}{figure}): {describe(known)}.")
        + " Click a row to choose another."
    )
    if st.button("Use these settings", icon=":material/tune:", key=f"use-{run.id}"):
        recipe.take_over(str(run.settings["base"]), {**_own(run.settings), **trial.settings})
        st.toast(f"The form holds the settings of trial {trial.number}.")
        st.rerun(scope="app")


def _own(settings: Mapping[str, object]) -> dict[str, object]:
    """Return the settings that the search began with: a trial tells only what it varied."""
    return {name: value for name, value in settings.items() if name in KNOBS}


def _plots(run: Run, rows: Sequence[Mapping]) -> None:
    scored = [row for row in rows if row["f1"] is not None]
    if not scored:
        return
    by_trial, by_rate = st.columns(2)
    dev = words.dev_f1(run)
    by_trial.altair_chart(
        charts.trial_scatter(scored, "number", "Trial", dev), alt=f"{dev} of every trial"
    )
    if all(row.get("learning_rate") for row in scored):
        by_rate.altair_chart(
            charts.trial_scatter(scored, "learning_rate", "Learning rate", dev),
            alt=f"{dev} against the learning rate, on a log axis",
        )
