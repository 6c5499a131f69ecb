"""The form that starts a run: a base model and a few settings with sensible defaults."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine import bases
from engine.runner import enqueue
from engine import recipes
from engine.settings import Settings, settings_from
from pages.widgets.errors import literal
from pages.widgets.store import database
from storage.errors import ModelError, WhetstoneError
from storage.types import Document, Project, Split

BASES = {
    "bundled": f"{bases.BUNDLED_TITLE}, bundled, works offline",
    "hub": "A model from the Hugging Face hub",
    "folder": "A model in a folder of this computer",
}


def show(project: Project, documents: Sequence[Document]) -> None:
    """Show the form; starting checks everything first and says what is wrong."""
    train = [document for document in documents if document.split is Split.TRAIN]
    kind = st.selectbox("Base model", list(BASES), format_func=BASES.get, key="base_kind")
    base = "bundled"
    if kind != "bundled":
        example = "google-bert/bert-base-cased" if kind == "hub" else "/models/bert-base-cased"
        base = st.text_input(
            "Hub name" if kind == "hub" else "Folder", placeholder=example, key=f"base_{kind}"
        ).strip()
    words = sum(len(document.tokens) for document in train)
    suggested = recipes.choose(recipes.DEFAULT, recipes.Data(len(train), words, _width(base)))
    with st.form("recipe", border=False):
        settings = _settings(suggested)
        if st.form_submit_button("Start training", type="primary", icon=":material/play_arrow:"):
            _start(project, base, settings)


def _width(base: str) -> int:
    """Return the base model's width; for what is no model the usual one, and Start says why."""
    try:
        return bases.width(base)
    except ModelError:
        return bases.USUAL_WIDTH


def _settings(suggested: Settings) -> dict:
    """Ask for the settings; the defaults fit the amount of data."""
    one, two = st.columns(2)
    return {
        "epochs": int(
            one.number_input(
                "Epochs", 1, 1000, suggested.epochs, help="Passes over the training sentences."
            )
        ),
        "learning_rate": float(
            two.number_input(
                "Learning rate",
                1e-6,
                0.1,
                suggested.learning_rate,
                step=1e-5,
                format="%.6f",
                help="How large the steps are. Smaller for larger models: 0.00002 to 0.00005.",
            )
        ),
        "batch_size": int(
            one.number_input("Batch size", 1, 1024, suggested.batch_size, help="Sentences a step.")
        ),
        "seed": int(
            two.number_input(
                "Seed", 0, 2**32 - 1, suggested.seed, help="Same data and seed, same result."
            )
        ),
    }


def _start(project: Project, base: str, given: dict) -> None:
    try:
        if not base:
            raise WhetstoneError("Name the base model first, or choose the bundled one.")
        run = enqueue(database(), project.id, base, settings_from(given))
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state["watched"] = run.id
    st.toast(f"Run {run.id} is queued. Tag on while it trains.", icon=":material/rocket_launch:")
    st.rerun()
