"""The settings of a run as a table, with what each is for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.widgets.common import tables
from pages.widgets.train.knobs import KNOBS, write
from storage.types import Run

COLUMNS = {
    "setting": st.column_config.TextColumn("Setting", width=140, pinned=True),
    "value": st.column_config.TextColumn("Value", width=90),
    "about": st.column_config.TextColumn("What it does", width=420),
}


def show(run: Run) -> None:
    """Show the base model, the recipe and every setting."""
    known = {"Base model": run.settings.get("base"), "Recipe": run.settings.get("recipe") or "own"}
    rows = [(title, str(value), "") for title, value in known.items()]
    rows += [
        (knob.title, _value(run.settings[name], knob.empty), knob.help)
        for name, knob in KNOBS.items()
        if name in run.settings
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    tables.show(frame, hide_index=True, column_config=COLUMNS, height=320)


def _value(value: object, empty: str | None) -> str:
    return empty if value is None and empty else write(value)
