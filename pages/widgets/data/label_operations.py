"""What is done to a label's spans: rename, merge, split, delete; what it touches is said first."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages.widgets.common import label_changes, tables, words
from pages.widgets.common.errors import literal
from pages.widgets.common.label_changes import counted
from storage.actions import relabelling
from storage.actions.actions import Action
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.types import Label, Project

LATER = "It can be taken back below."
QUOTES_SHOWN = 2_000


def show(project: Project, label: Label) -> None:
    """Offer the operations, none of them open."""
    forms = {"Rename": _rename, "Merge": _merge, "Split": _split, "Delete": _delete}
    if len(project.labels) < 2:
        del forms["Merge"]
    chosen = st.segmented_control(
        f"Change all of its {words.of(project).marks}", list(forms), key=f"operation-{label.id}"
    )
    if chosen:
        with st.container(border=True):
            forms[chosen](project, label)


def _rename(project: Project, label: Label) -> None:
    name = st.text_input("New name", max_chars=100, key=f"rename-{label.id}").strip()
    if not name or name == label.name:
        st.caption("Give it another name.")
        return
    touched = relabelling.touch(database(), label.id)
    _confirm(
        f"Renaming {label.name} to {name} changes {_words(project, touched)}.",
        f"Rename to {name}",
        lambda annotator: relabelling.rename_label(database(), label.id, name, annotator),
    )


def _merge(project: Project, label: Label) -> None:
    others = {each.id: each.name for each in project.labels if each.id != label.id}
    into = st.selectbox(
        "Into", list(others), index=None, format_func=others.__getitem__, key=f"merge-{label.id}"
    )
    if into is None:
        marks = words.of(project).marks
        st.caption(f"The label whose {marks} those of {literal(label.name)} become.")
        return
    touched = relabelling.touch(database(), label.id)
    _confirm(
        f"Merging {label.name} into {others[into]} relabels {_words(project, touched)}, and the "
        f"label {label.name} goes.",
        f"Merge into {others[into]}",
        lambda annotator: relabelling.merge_labels(database(), label.id, into, annotator),
    )


def _delete(project: Project, label: Label) -> None:
    touched = relabelling.touch(database(), label.id)
    _confirm(
        f"Deleting {label.name} removes {_words(project, touched)}.",
        f"Delete {label.name}",
        lambda annotator: relabelling.delete_label(database(), label.id, annotator),
    )


def _split(project: Project, label: Label) -> None:
    """Choose among the texts that bear the label by a search and by ticks."""
    sought = st.text_input(
        "Texts that hold", key=f"split-search-{label.id}", type="search", placeholder="Ltd"
    )
    found = [
        (quote, count)
        for quote, count in relabelling.quotes(database(), label.id)
        if sought.strip().casefold() in quote.casefold()
    ]
    ticked = _tick(found, f"split-{label.id}-{sought}")
    name = st.text_input("Name of the new label", max_chars=100, key=f"split-name-{label.id}")
    name = name.strip()
    if not ticked or not name:
        st.caption("Tick the texts that move, and name the label that they get.")
        return
    touched = relabelling.touch(database(), label.id, ticked)
    _confirm(
        f"Splitting {name} off {label.name} relabels {_words(project, touched)}.",
        f"Split off {name}",
        lambda annotator: relabelling.split_label(database(), label.id, name, ticked, annotator),
    )


def _tick(found: list[tuple[str, int]], key: str) -> list[str]:
    """Show texts with their counts and return those that are ticked."""
    everything = st.checkbox(f"All {len(found):,} of them", key=f"{key}-all", disabled=not found)
    frame = pd.DataFrame(found[:QUOTES_SHOWN], columns=["Text", "How often"])
    event = tables.show(
        frame,
        hide_index=True,
        height=min(320, 40 + 35 * max(1, len(frame))),
        on_select="rerun",
        selection_mode="multi-row",
        key=f"{key}-rows",
        alt="Texts that bear the label, with how often each does",
    )
    if len(found) > QUOTES_SHOWN:
        st.caption(f"… and {len(found) - QUOTES_SHOWN:,} more: narrow the search to tick these.")
    if everything:
        return [quote for quote, _ in found]
    return [found[row][0] for row in event["selection"]["rows"] if row < len(found)]


def _words(project: Project, touched: relabelling.Touch) -> str:
    return counted(touched.spans, touched.documents, words.of(project).mark)


def _confirm(sentence: str, label: str, change: Callable[[str], Action]) -> None:
    st.markdown(literal(f"{sentence} {LATER}"))
    if not st.button(literal(label), type="primary", icon=":material/done_all:"):
        return
    try:
        with st.spinner("Working"):
            label_changes.remember(change(settings.annotator(database())))
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun()
