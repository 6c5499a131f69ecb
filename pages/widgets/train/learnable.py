"""Before training: what the model will learn from, and what it cannot learn."""

from typing import Any

import numpy as np
import streamlit as st

from engine import tasks
from engine.inspection import leaking, training_data
from engine.inspection.training_data import TrainingData
from engine.runner import lacks
from engine.tasks.base import Unlearned
from pages.widgets.common import words
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.train import setting_aside
from storage.database.store import database
from storage.finding import progress
from storage.finding.sets import bit_sets
from storage.journal import annotations
from storage.types import Project, Split, Status

SHOWN = 50
# Of so many documents all marks are looked at whenever the page is opened.
AT_ONCE = 2_000
QUOTE = 80


def show(project: Project) -> TrainingData | None:
    """Show what training would use and return it; None when the project cannot train."""
    missing = lacks(database(), project.id)
    known = progress.of(database(), project.id)
    if missing:
        st.warning(missing, icon=":material/warning:")
        if known.documents:
            st.page_link("tag.py", label="Go to Tag", icon=":material/ink_highlighter:")
        else:
            st.page_link("data.py", label="Import a file", icon=":material/upload_file:")
        return None
    counts = {split: known.done_by_split[split] for split in Split}
    st.caption(
        f"**{count(counts[Split.TRAIN], words.of(project).document)}** to learn from, "
        f"**{counts[Split.DEV]:,}** dev, **{counts[Split.TEST]:,}** test",
        help="Only documents that are marked done take part. Dev chooses the best epoch, test is "
        "for the final report; the model learns from neither.",
    )
    setting_aside.show(project, counts)
    if begun := known.by_status[Status.IN_PROGRESS]:
        st.caption(f"{begun:,} in known will be left out until they are done.")
    data = TrainingData.of(database(), project)
    for sentence in training_data.learnable(database(), data).sentences:
        st.caption(f":material/label_off: {literal(sentence)}")
    return data


def details(project: Project, known: TrainingData) -> None:
    """Show what was set aside, what stands in train and again elsewhere, what is not learned."""
    setting_aside.take_back(project)
    _leaks(known)
    _unlearned(project, known)


def _leaks(known: TrainingData) -> None:
    """Say which texts stand in train and again in dev or test: they flatter the report."""
    found = leaking.find(known)
    for again, what in (
        (found.copies, "dev or test texts also stand in train"),
        (found.firsts, "dev or test pairs have a first text that stands in train, too"),
    ):
        if again.size:
            with st.expander(f"{len(again):,} {what}", icon=":material/warning:"):
                st.caption("The model has seen them, so the report looks better than it should.")
                _links(again)
    if found.seconds.size:
        st.caption(
            f"{len(found.seconds):,} dev or test pairs have a second text that stands in train "
            "with other first texts, as is usual where all look into one catalogue."
        )


def _unlearned(project: Project, known: TrainingData) -> None:
    """Say which marks a model cannot learn as they are, and why, with a link to each."""
    task = tasks.get(project.task)
    found = _looked_through(project, known)
    total = sum(len(each.marks) for each in found)
    if not total:
        return
    they_are = "it is" if total == 1 else "they are"
    mark = task.words.mark
    with st.expander(
        f"{count(total, mark)} cannot be learned as {they_are}", icon=":material/warning:"
    ):
        left_out = sum(len(each.marks) for each in found if each.left_out)
        st.caption(
            f"{count(left_out, mark)} left out of training, to be counted as missed in the "
            "report; their words are not taught as O either. Nothing is lost to length: long "
            "documents are read in windows that overlap."
        )
        for each in found:
            _reason(each, mark)


def _reason(found: Unlearned, mark: str) -> None:
    """Show one reason with its marks, some at a time."""
    marks = found.marks
    st.markdown(f"**{count(len(marks), mark)} {found.reason}**")
    key = f"shown-{found.reason}"
    shown = st.session_state.get(key, SHOWN)
    for document, span in marks[:shown]:
        place_ = {"start": str(span.start), "end": str(span.end)}
        st.page_link(
            "tag.py",
            label=literal(f"{document.text[span.start : span.end][:QUOTE]} ({span.label})"),
            query_params={"document": str(document.id), "queue": "all", **place_},
        )
    if len(marks) > shown:
        more: dict[str, Any] = {"on_click": st.session_state.update, "kwargs": {key: shown + SHOWN}}
        st.button(
            f"Show more of {len(marks):,}", key=f"more-{found.reason}", type="tertiary", **more
        )


def _looked_through(project: Project, known: TrainingData) -> list[Unlearned]:
    """Look at every mark that is done, at once where these are few, else when a person asks."""
    marked = bit_sets.numbers(known.marked)
    key = f"unlearned-{project.id}"
    now = known.index.stamp, len(marked)
    if st.session_state.get(key, (None,))[0] == now:
        return st.session_state[key][1]
    if len(marked) > AT_ONCE and not st.button(
        f"Check the marks of {len(marked):,} {words.of(project).documents}",
        icon=":material/rule:",
        type="tertiary",
        help="Looks at each mark whether a model can learn it as it is; a training says it, too.",
    ):
        return []
    with st.spinner("Looking at every mark"):
        found = training_data.unlearned(database(), known, marked)
    st.session_state[key] = now, found
    return found


def _links(found: np.ndarray) -> None:
    for document in annotations.of_documents(database(), found[:SHOWN].tolist()):
        st.page_link(
            "tag.py",
            label=literal(document.text[:80]),
            query_params={"document": str(document.id), "queue": "all"},
        )
    if len(found) > SHOWN:
        st.caption(f"… and {len(found) - SHOWN:,} more")
