"""The coach of one project: whether it works, from when on it speaks, how it did, what it keeps."""

from __future__ import annotations

import streamlit as st

from engine import tasks
from engine.coach.registry import coaches
from pages.widgets.common.errors import literal
from storage.coaching import choices, kept, makers, outcomes
from storage.coaching.choices import Choices
from storage.database.store import database
from storage.types import Project

START = 0.5


def show(project: Project) -> None:
    """Show what can be decided about a project's coach, and what it has measured."""
    known = choices.of(database(), project.id)
    on = st.toggle(
        "Learn while people tag",
        known.on,
        key=f"coach-on-{project.id}",
        help="A process beside the server learns every document that is finished on Tag. It "
        "suggests the strings of lists that are kept on Data, too, and at first those that other "
        "projects with the same labels marked mostly alike.",
    )
    threshold = _threshold(project, known) if on else known.threshold
    if (chosen := Choices(on, threshold, _labels_drags(project, known))) != known:
        choices.put(database(), project.id, chosen)
        if not on:
            coaches.forget(project.id)
    _record(project)
    _kept(project)


def _threshold(project: Project, known: Choices) -> float | None:
    own = st.segmented_control(
        "It suggests",
        [True, False],
        default=known.threshold is None,
        required=True,
        format_func={True: "when it is sure enough, by what was kept", False: "from here on"}.get,
        key=f"coach-own-{project.id}",
    )
    if own:
        return None
    return st.slider(
        "How sure it must be",
        min_value=0.0,
        max_value=1.0,
        value=START if known.threshold is None else known.threshold,
        step=0.05,
        key=f"coach-threshold-{project.id}",
    )


def _labels_drags(project: Project, known: Choices) -> bool:
    if tasks.get(project.task).marks_whole:
        return known.labels_drags
    return st.toggle(
        "Words that are dragged over get the likeliest label",
        known.labels_drags,
        key=f"coach-drags-{project.id}",
        help="Where no label is taken up: the one that the coach or the newest model holds for "
        "likeliest there. The line under the text says which before you let go; a digit changes "
        "it. Off, the words are selected, and wait for a digit.",
    )


def _record(project: Project) -> None:
    """Show how each maker's suggestions did in the documents that were finished."""
    found = outcomes.by_maker(database(), project.id)
    if not found:
        st.caption("Once documents with suggestions are done, it is counted here what people kept.")
        return
    names = makers.names(database(), found)
    rows = [
        {
            "Suggested by": literal(names[run]),
            "Documents": f"{record.documents:,}",
            "Kept": f"{record.kept:,}",
            "Dropped": f"{record.dropped:,}",
            "Added by people": f"{record.added:,}",
        }
        for run, record in found.items()
    ]
    st.table(rows, border="horizontal")


def _kept(project: Project) -> None:
    """Say where what it has read lies, and offer to delete it."""
    folder = kept.folder()
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    st.caption(
        f"What it has read of every project's texts, {size / 1e6:,.0f} MB, lies in "
        f"{literal(str(folder))}. It can be deleted at any time: what is missing is read again."
    )
    if st.button("Delete what it keeps", icon=":material/delete_sweep:", disabled=not size):
        # One that is at work begins anew.
        coaches.forget(project.id)
        kept.delete()
        st.toast("Deleted.", icon=":material/check:")
        st.rerun()
