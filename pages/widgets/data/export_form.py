"""Export: choose a format and a split, see what it cannot hold, download."""

import re

import streamlit as st

from engine import formats, tasks
from engine.corpus import exporting
from engine.formats import Shape
from pages.widgets.common.sidebar import require_project
from pages.widgets.common.words import count
from storage.database.store import database
from storage.journal import annotations
from storage.types import Project, Split, Status

TITLES = {
    "conll": "CoNLL, one token a line",
    "doccano": "JSONL as doccano reads it",
    "prodigy": "JSONL as Prodigy reads it",
    "label_studio": "JSON as Label Studio reads it",
}
EVERYTHING = "all splits"
SHOWN = 50


def show(project: Project | None) -> None:
    """Show the form and, once prepared, the download."""
    project = project or require_project()
    task = tasks.get(project.task)
    writers = {each.name: each for each in formats.writers(Shape.of(task))}
    one, two = st.columns(2)
    chosen = one.selectbox(
        "Format", list(writers), format_func=lambda name: TITLES.get(name, writers[name].title)
    )
    split = two.selectbox("Split", [EVERYTHING, *Split], key="export_split")
    finished = st.toggle(f"Only {task.words.documents} that are done", value=True)
    wanted = (Status.DONE,) if finished else tuple(Status)
    plain = chosen == "conll" and st.toggle(
        "One plain layout", help="Token, tab, IOB2 tag: whatever the files looked like before."
    )
    if not st.button("Prepare the file", icon=":material/inventory_2:"):
        return
    only = None if split == EVERYTHING else Split(split)
    found = list(annotations.current(database(), project.id, split=only, statuses=wanted))
    layout = {"layout": "plain" if plain else "own"}
    exported = exporting.export(found, chosen, layout, project.task)
    data, problems = exported.data(), exported.problems
    if problems:
        st.warning(f"What does not fit this format as it is ({len(problems):,}):")
        st.text("\n".join(p.message for p in problems[:SHOWN]))
    name = re.sub(r"[^\w-]+", "-", project.name).strip("-") or "project"
    st.download_button(
        f"Download {count(len(found), task.words.document)}",
        data,
        file_name=f"{name}-{split.split()[0]}{exported.extension}",
        mime="application/octet-stream",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
