"""What a newcomer sees: the sample project, a file of their own, or some text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import streamlit as st

import engine
from engine.corpus import importing
from pages.widgets.common import spans
from pages.widgets.common.sidebar import open_project
from storage.corpus import documents, projects
from storage.corpus.labels import PALETTE
from storage.database import settings
from storage.database.store import database
from storage.types import Span, Split

SAMPLE = Path(engine.__file__).parent / "corpus" / "sample"
SAMPLE_NAME = "Sample project"
SAMPLE_LABELS = {
    "PER": "People, families and fictional persons; titles stay outside",
    "ORG": "Companies, clubs, authorities, media, schools, hospitals",
    "LOC": "Countries, cities, regions, waters, streets, buildings",
    "MISC": "Nationalities, languages, events, works, products",
}

EXAMPLE = (
    ("Mara Lindqvist", "PER"),
    (" opened a ", ""),
    ("Swedish", "MISC"),
    (" harbour in ", ""),
    ("Gothenburg", "LOC"),
    (" for ", ""),
    ("Acme", "ORG"),
    (".", ""),
)


def show() -> None:
    """Say what Whetstone is, and open three doors: the sample, a file, some text."""
    with st.container(width=860):
        st.markdown("# Label, train, look, mend, train again", anchors=False)
        st.markdown(
            "Whetstone trains a model on sentences that you label, shows where it errs, and "
            "takes you to the very sentences behind every figure. Mend them, train again, and "
            "it sharpens. Everything stays on this computer."
        )
    _example()
    sample, file, text = st.columns(3, gap="medium")
    with sample.container(border=True, height="stretch"):
        _door(
            ":material/science: Look around first",
            "462 labelled sentences in English and Chinese: train a first model in a few clicks.",
        )
        sample_button(type="primary", width="stretch")
    with file.container(border=True, height="stretch"):
        _door(
            ":material/upload_file: Bring your own file",
            "CoNLL, JSONL, CSV or plain text. You see what would come in before it does.",
        )
        if st.button("Import your own file", width="stretch"):
            st.switch_page("data.py")
    with text.container(border=True, height="stretch"):
        _door(
            ":material/content_paste: Start from some text",
            "Paste a few paragraphs, name what you look for, and tag the first one at once.",
        )
        if st.button("Paste some text", width="stretch"):
            st.switch_page("data.py", query_params={"from": "Pasted text"})


def _example() -> None:
    """Show what a labelled sentence looks like, in the words of the sample."""
    marks, at = [], 0
    for words, label in EXAMPLE:
        if label:
            marks.append(Span(at, at + len(words), label))
        at += len(words)
    sentence = "".join(words for words, _ in EXAMPLE)
    colors = dict(zip(SAMPLE_LABELS, PALETTE, strict=False))
    st.html(spans.read(sentence, marks, colors))


def _door(title: str, words: str) -> None:
    """Draw what stands above a door's button."""
    st.markdown(f"#### {title}")
    st.markdown(words)


def offers_sample() -> bool:
    """Tell whether the sample project is not there yet."""
    return projects.find_project(database(), SAMPLE_NAME) is None


def sample_button(
    *,
    type: Literal["primary", "secondary", "tertiary"],
    width: Literal["content", "stretch"] = "content",
) -> None:
    """Offer the sample project; a click opens it."""
    if st.button("Open the sample project", type=type, width=width):
        with st.spinner("Opening the sample project"):
            open_project(open_sample())
        st.rerun()


def open_sample() -> int:
    """Import the sample project if it is not there, and return its id."""
    db = database()
    existing = projects.find_project(db, SAMPLE_NAME)
    if existing:
        return existing.id
    plan = importing.plan([SAMPLE / f"{split}.jsonl" for split in Split])
    annotator, names = settings.annotator(db), list(SAMPLE_LABELS)
    made = documents.create_with_documents(
        db, SAMPLE_NAME, plan.documents_to_add, annotator, labels=names
    )
    for label in projects.list_labels(db, made):
        projects.update_label(db, replace(label, description=SAMPLE_LABELS[label.name]))
    return made
