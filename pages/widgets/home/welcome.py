"""What a newcomer sees: a door for each kind of label, and some text to start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from engine.corpus.samples import ANSWERS, ENTITIES, LETTERS, SAMPLES, Sample
from pages.widgets.common import spans
from pages.widgets.common.sidebar import open_project
from storage.corpus import documents, projects
from storage.corpus.labels import PALETTE
from storage.database import settings
from storage.database.store import database
from storage.types import Span

EXAMPLE = (
    ("Mara Lindqvist", "PER"),
    (" opened a ", ""),
    ("Swedish", "MISC"),
    (" harbour in ", ""),
    ("Gothenburg", "LOC"),
    (".", ""),
)


@dataclass(frozen=True, slots=True)
class Door:
    """One kind of label: what it is for, and its sample."""

    icon: str
    title: str
    words: str
    example: str
    """Markdown; empty where the example is drawn in the text."""
    sample: Sample
    button: str


DOORS = (
    Door(
        "ink_highlighter",
        "Words in texts",
        "Names, amounts, symptoms, clauses: mark them in the text.",
        "",
        ENTITIES,
        "Open the sample project",
    ),
    Door(
        "label",
        "Kinds of texts",
        "Topics, intents, moods: each text gets one label, or several.",
        "The double payment has still not been paid back. :blue-badge[payment/refund]",
        LETTERS,
        "Open the sample letters",
    ),
    Door(
        "join_inner",
        "Pairs of texts",
        "Question and answer, user and item, twice the same: do they match?",
        "Do I pay less at university?  \n*Students pay half …* :green-badge[match]",
        ANSWERS,
        "Open the sample answers",
    ),
)


def show() -> None:
    """Say what Whetstone is, and open a door for each kind of label."""
    with st.container(width=860):
        st.markdown("# Label, train, look, mend, train again", anchors=False)
        st.markdown(
            "Whetstone trains a model on texts that you label, shows where it errs, and "
            "takes you to the very texts behind every figure. Mend them, train again, and "
            "it sharpens. Everything stays on this computer. **What do you label?**"
        )
    for place, door in zip(st.columns(len(DOORS), gap="medium"), DOORS, strict=True):
        with place.container(border=True, height="stretch", vertical_alignment="distribute"):
            _open(door)
    if st.button(
        "Paste some text and tag the first paragraph at once",
        icon=":material/content_paste:",
        type="tertiary",
    ):
        st.switch_page("data.py", query_params={"from": "Pasted text"})


def _open(door: Door) -> None:
    with st.container():
        st.markdown(f"#### :material/{door.icon}: {door.title}")
        st.markdown(door.words)
        if door.example:
            st.markdown(door.example)
        else:
            _tagged()
    with st.container():
        sample_button(door, width="stretch")
        if st.button("Import your own file", key=f"import-{door.sample.task}", width="stretch"):
            st.switch_page("data.py", query_params={"task": str(door.sample.task)})


def _tagged() -> None:
    """Show what a labelled sentence looks like, in the words of the sample."""
    marks, at = [], 0
    for words, label in EXAMPLE:
        if label:
            marks.append(Span(at, at + len(words), label))
        at += len(words)
    sentence = "".join(words for words, _ in EXAMPLE)
    colors = dict(zip(ENTITIES.labels, PALETTE, strict=False))
    st.html(spans.read(sentence, marks, colors))


def show_others() -> None:
    """Offer the samples that are not there yet, below everything else."""
    for door in DOORS:
        if projects.find_project(database(), door.sample.name) is None:
            sample_button(door, type="tertiary")


def sample_button(
    door: Door,
    *,
    type: Literal["primary", "tertiary"] = "primary",
    width: Literal["content", "stretch"] = "content",
) -> None:
    """Offer a sample project; a click opens it."""
    if st.button(door.button, key=f"sample-{door.sample.task}", type=type, width=width):
        with st.spinner("Opening the sample project"):
            open_project(open_sample(door.sample))
        st.rerun()


def open_sample(sample: Sample = SAMPLES[0]) -> int:
    """Import a sample project if it is not there, and return its id."""
    db = database()
    if existing := projects.find_project(db, sample.name):
        return existing.id
    annotator, names = settings.annotator(db), list(sample.labels)
    made = documents.create_with_documents(
        db, sample.name, sample.documents(), annotator, labels=names, task=sample.task
    )
    for label in projects.list_labels(db, made):
        projects.update_label(db, replace(label, description=sample.labels[label.name]))
    return made
