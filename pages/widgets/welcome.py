"""What a newcomer sees: the sample project, or a file of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

import engine
from engine import importing
from pages.widgets.sidebar import open_project
from pages.widgets.store import database
from storage import documents, projects, settings
from storage.types import Split

SAMPLE = Path(engine.__file__).parent / "sample"
SAMPLE_NAME = "Sample project"
SAMPLE_LABELS = {
    "PER": "People, families and fictional persons; titles stay outside",
    "ORG": "Companies, clubs, authorities, media, schools, hospitals",
    "LOC": "Countries, cities, regions, waters, streets, buildings",
    "MISC": "Nationalities, languages, events, works, products",
}


def show() -> None:
    """Explain the loop in three sentences and offer two ways in."""
    st.subheader("Label, train, look, mend, train again")
    st.write(
        "Whetstone trains a model on sentences that you label, shows where it errs, and takes "
        "you to the very sentences behind every figure. Mend them, train again, and it sharpens. "
        "Everything stays on this computer."
    )
    with st.container(horizontal=True):
        sample_button(type="primary")
        if st.button("Import your own file", icon=":material/upload_file:"):
            st.switch_page("data.py")


def offers_sample() -> bool:
    """Tell whether the sample project is not there yet."""
    return projects.find_project(database(), SAMPLE_NAME) is None


def sample_button(*, type: str) -> None:
    """Offer the sample project; a click opens it."""
    if st.button("Open the sample project", icon=":material/science:", type=type):
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
