"""Versions: what is live and what is the candidate, the runs that could be, and the history."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.widgets.common import leave, run_picker, tables
from pages.widgets.models import choosing, standing, wording
from storage.database.store import database
from storage.serving import versions
from storage.types import Project

TEXT = st.column_config.TextColumn
COLUMNS = {
    "at": TEXT("When", width=136),
    "what": TEXT("What", width=150),
    "why": TEXT("Why", width=296),
    "by": TEXT("By", width=110),
    "digest": TEXT(
        "Model", width=108, help="How the SHA-256 of its manifest began: it tells two models apart."
    ),
}
DIGITS = 12


def show(project: Project) -> None:
    """Show what is live, then what could be, then what was."""
    promoted = versions.list_versions(database(), project.id)
    named = {each.run_id for each in promoted if each.run_id is not None}
    known = run_picker.models(project, "run")
    known = run_picker.with_these(known, project, named)
    if not known and not promoted:
        st.info(
            "There is no model yet. Train one: then it can be made live here, and served.",
            icon=":material/info:",
        )
        leave.page_link("train.py", label="Train a model", icon=":material/model_training:")
        return
    scores = wording.scores(project, named | {run.id for run in known})
    standing.show(project, promoted, scores)
    if known:
        choosing.show(project, known, promoted, scores)
    _history(project)


def _history(project: Project) -> None:
    """List all that was ever promoted or taken back; nothing of it goes away."""
    found = versions.history(database(), project.id)
    if not found:
        return
    st.subheader("History")
    rows = [
        {
            "at": wording.when(each.at),
            "what": wording.in_words(each),
            "why": each.note,
            "by": each.by,
            "digest": each.digest[:DIGITS],
        }
        for each in found
    ]
    tables.show(pd.DataFrame(rows), hide_index=True, column_config=COLUMNS, placeholder="–")
