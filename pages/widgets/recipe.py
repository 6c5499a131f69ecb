"""The form that starts a run: a base model, a recipe by name, and its settings to open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from engine import bases, recipes
from engine.runner import enqueue, launching
from engine.settings import Settings
from pages.widgets import knobs
from pages.widgets.errors import literal
from pages.widgets.store import database
from pages.widgets.words import count
from storage.errors import InputError, ModelError, WhetstoneError
from storage.types import Document, Project

BASES = {
    "bundled": f"{bases.BUNDLED_TITLE}, bundled, works offline",
    "hub": "A model from the Hugging Face hub",
    "folder": "A model in a folder of this computer",
}
TRIALS, MOST_TRIALS = 12, 1000
TAKEN_OVER = "settings_taken_over"


@st.fragment
def show(project: Project, train: Sequence[Document], scored: bool = True) -> None:
    """Show the form for these training documents; starting checks everything first.

    Where a model could not be ``scored``, nothing can be started.
    """
    typed = st.session_state.setdefault(f"typed-{project.id}", {})
    _take_over(typed)
    base = _ask_base()
    data = recipes.Data.of(train, _shape(base), typed.get("limit"))
    chosen = _ask_recipe(data, typed, f"recipe-{project.id}")
    # Adapters want other rates than the whole encoder: the recipe is fitted to them, too.
    suggested = recipes.choose(chosen, data, peft=typed.get("peft", ""))
    suggested = replace(suggested, launcher=launching.chosen(database()))
    with st.expander("Settings of this recipe"):
        knobs.show(suggested, typed, f"set-{project.id}")
    settings = _settled(chosen, suggested, typed)
    if st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        disabled=settings is None or not scored,
    ):
        _start(project, base, settings)
    with st.expander("Search for good settings"):
        _search(project, base, settings if scored else None)


def take_over(base: str, settings: Mapping[str, Any]) -> None:
    """Fill the form with these settings when the page is drawn the next time."""
    known = {name: value for name, value in settings.items() if name in knobs.KNOBS}
    st.session_state[TAKEN_OVER] = (base, known)


def _take_over(typed: dict[str, Any]) -> None:
    if TAKEN_OVER not in st.session_state:
        return
    base, settings = st.session_state.pop(TAKEN_OVER)
    typed.clear()
    typed.update(settings)
    kind = (
        base if base == bases.BUNDLED else "hub" if bases.resolve(base).folder is None else "folder"
    )
    st.session_state["base_kind"] = kind
    st.session_state[f"base_{kind}"] = base


def _ask_base() -> str:
    kind = st.selectbox("Base model", list(BASES), format_func=BASES.get, key="base_kind")
    if kind == "bundled":
        return bases.BUNDLED
    example = "google-bert/bert-base-cased" if kind == "hub" else "/models/bert-base-cased"
    title = "Hub name" if kind == "hub" else "Folder"
    return st.text_input(title, placeholder=example, key=f"base_{kind}").strip()


def _shape(base: str) -> bases.Shape:
    """Return the base model's shape; for what is no model the usual one, and Start says why."""
    try:
        return bases.shape(base)
    except ModelError:
        return bases.Shape()


def _ask_recipe(data: recipes.Data, typed: dict[str, Any], key: str) -> str:
    """Ask for a recipe by name; another one brings its own values."""
    names = list(recipes.RECIPES)
    remembered = st.session_state.setdefault(f"{key}-chosen", recipes.DEFAULT)
    if key not in st.session_state:
        st.session_state[key] = remembered

    def change() -> None:
        st.session_state[f"{key}-chosen"] = st.session_state[key]
        typed.clear()

    return st.radio(
        "Recipe",
        names,
        format_func=lambda name: recipes.RECIPES[name].title,
        captions=[f"{recipes.RECIPES[name].about} {_estimate(name, data)}" for name in names],
        key=key,
        on_change=change,
    )


def _estimate(name: str, data: recipes.Data) -> str:
    """Say how much a recipe does with this data."""
    settings = recipes.choose(name, data)
    parts = [count(settings.epochs, "epoch")]
    if settings.seeds > 1:
        parts.append(count(settings.seeds, "seed"))
    # Spaces that do not break: the figures stay on one line.
    return f"**{' · '.join(parts)}**".replace(" ", "\u00a0")


def _settled(chosen: str, suggested: Settings, typed: dict[str, Any]) -> Settings | None:
    """Return the settings to start with and say what differs from the recipe; None where bad."""
    changes = recipes.differences(suggested, typed)
    if typed:
        with st.container(horizontal=True, vertical_alignment="center"):
            if changes:
                text = f"Own settings, changed from {chosen}: {knobs.describe(changes)}."
                st.caption(literal(text), width="stretch")
            else:
                st.caption(f"{chosen.capitalize()}, with {literal(knobs.describe(typed))}.")
            st.button(
                "Undo the changes", icon=":material/undo:", type="tertiary", on_click=typed.clear
            )
    try:
        return recipes.adjust(suggested, typed)
    except InputError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


def _search(project: Project, base: str, settings: Settings | None) -> None:
    """Ask how many trials a search may make, and start it from these settings."""
    st.caption(
        "Trains many times with other learning rates, batch sizes and lengths, gives up early "
        "on what does badly on dev, and never looks at test. It begins with the settings above."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        trials = st.number_input("Trials", 1, MOST_TRIALS, TRIALS, key="trials", width=140)
        if st.button("Start the search", icon=":material/search:", disabled=settings is None):
            _start(project, base, settings, int(trials))


def _start(project: Project, base: str, settings: Settings, trials: int = 0) -> None:
    try:
        if not base:
            raise InputError("Name the base model first, or choose the bundled one.")
        run = enqueue(database(), project.id, base, settings, trials)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state["watched"] = run.id
    st.toast(f"Run {run.id} is queued. Tag on while it trains.", icon=":material/rocket_launch:")
    st.rerun(scope="app")
