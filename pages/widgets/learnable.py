"""Before training: what the model will learn from, and what it cannot learn."""

from __future__ import annotations

import streamlit as st

from engine.alignment import Reason
from engine.examples import align
from engine.runner import lacks
from pages.widgets.errors import literal
from pages.widgets.store import database
from storage import annotations, projects
from storage.types import Document, Project, Split, Status

SHOWN = 50
REASONS = {
    Reason.CUT: "begins or ends inside a token",
    Reason.PADDED: "has white space at its border, so it is learned without",
    Reason.OVERLAPPING: "overlaps a longer span, and only the longer one is learned",
    Reason.EMPTY: "covers nothing but white space",
}


def show(project: Project) -> list[Document]:
    """Show what training would use and return it; empty when the project cannot train."""
    missing = lacks(database(), project.id)
    if missing:
        st.warning(missing, icon=":material/warning:")
        st.page_link("tag.py", label="Go to Tag", icon=":material/ink_highlighter:")
        return []
    progress = projects.progress(database(), project.id)
    counts = {split: progress.done_by_split[split] for split in Split}
    st.caption(
        f"{counts[Split.TRAIN]:,} sentences to learn from, {counts[Split.DEV]:,} dev to choose "
        f"the best epoch, {counts[Split.TEST]:,} test for the final report. Only documents that "
        "are marked done take part."
    )
    if begun := progress.by_status[Status.IN_PROGRESS]:
        st.caption(f"{begun:,} in progress will be left out until they are done.")
    done = list(annotations.current(database(), project.id, statuses=(Status.DONE,)))
    _leaks(done)
    _unlearnable(done)
    return done


def _leaks(done: list[Document]) -> None:
    """Say which texts stand in train and again in dev or test: they flatter the report."""
    trained = {document.text for document in done if document.split is Split.TRAIN}
    again = [d for d in done if d.split is not Split.TRAIN and d.text in trained]
    if again:
        with st.expander(
            f"{len(again):,} dev or test texts also stand in train", icon=":material/warning:"
        ):
            st.caption("The model has seen them, so the report looks better than it should.")
            _links(again)


def _unlearnable(done: list[Document]) -> None:
    """List the spans that a model cannot learn exactly, each with the reason and a link."""
    report = align(done)
    total = sum(report.problems.values())
    if not total:
        return
    with st.expander(
        f"{total:,} spans cannot be learned exactly as they are", icon=":material/warning:"
    ):
        for item in report.items[:SHOWN]:
            place = {"start": str(item["start"]), "end": str(item["end"])}
            st.page_link(
                "tag.py",
                label=f"{literal(item['quote'])} ({literal(item['label'])}): "
                f"{REASONS[item['reason']]}",
                query_params={"document": str(item["document"]), "queue": "all", **place},
            )
        if total > SHOWN:
            st.caption(f"… and {total - SHOWN:,} more")


def _links(found: list[Document]) -> None:
    for document in found[:SHOWN]:
        st.page_link(
            "tag.py",
            label=literal(document.text[:80]),
            query_params={"document": str(document.id), "queue": "all"},
        )
    if len(found) > SHOWN:
        st.caption(f"… and {len(found) - SHOWN:,} more")
