"""The form that starts a run: a recipe by name, a base model, and its settings to open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from engine import tasks
from engine.configuration import bases, recipes
from engine.configuration.recipes import Data
from engine.configuration.settings import Settings
from engine.inspection import expectation
from engine.inspection.training_data import TrainingData
from engine.runner import enqueue, launching
from pages.widgets.common.errors import literal
from pages.widgets.train import form, knobs
from pages.widgets.train.estimate import Estimate
from pages.widgets.train.form import Form
from storage.database.store import database
from storage.errors import InputError, ModelError, WhetstoneError
from storage.types import Project, Run, RunKind, Split

BASES = {
    form.BUNDLED: f"{bases.BUNDLED_TITLE} (bundled)",
    form.HUB: "A model from the Hugging Face hub",
    form.FOLDER: "A model in a folder of this computer",
}
EXAMPLES = {
    form.HUB: ("Hub name", "google-bert/bert-base-cased"),
    form.FOLDER: ("Folder", "/models/bert-base-cased"),
}
TRIALS, MOST_TRIALS = 12, 1000
TAKEN_OVER = "settings_taken_over"


@st.fragment
def show(project: Project, known: TrainingData) -> None:
    """Show the form for the documents that are done; starting checks everything first.

    Where dev and test have none of them, nothing can be started.
    """
    filled = form.of(project.id)
    _take_over(filled)
    data = _data(filled, known)
    estimate = Estimate.of(known.scored)
    _ask_recipe(data, filled, estimate, f"recipe-{project.id}")
    suggested = _suggested(filled, data)
    # The button stands still while lines about the settings come and go: a press on it takes in
    # what was just typed. They have a place of their own, or what follows would be another part
    # of the page with them, and the settings that are being typed in would fold away.
    place = st.container()
    with st.container():
        settings = _settled(suggested, filled)
        if settings and filled.typed:
            st.caption(f"With these: **{estimate.of_settings(settings, data)}**.")
    ready = settings is not None and bool(known.done() & ~known.done(Split.TRAIN))
    if place.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not ready,
        width="stretch",
    ):
        _start(project, filled.base, settings)
    _ask_base(project, filled)
    with st.expander("Settings of this recipe"):
        alone = database().path is not None
        without = {*tasks.get(project.task).ignores, *(knobs.OF_SEVERAL if alone else ())}
        knobs.show(suggested, filled.typed, f"set-{project.id}", without)
    with st.expander("Search for good settings"):
        _search(project, filled.base, settings if ready else None)
    form.keep(project.id)


def start_as_filled(project: Project) -> Run:
    """Queue the training that the form would start; raises InputError and ModelError."""
    filled = form.of(project.id)
    data = _data(filled, TrainingData.of(database(), project))
    settings = recipes.adjust(_suggested(filled, data), filled.typed)
    return _queue(project, filled.base, settings, RunKind.TRAINING)


def take_over(base: str, settings: Mapping[str, Any]) -> None:
    """Fill the form with these settings when the page is drawn the next time."""
    known = {name: value for name, value in settings.items() if name in knobs.KNOBS}
    st.session_state[TAKEN_OVER] = (base, known)


def _take_over(filled: Form) -> None:
    if TAKEN_OVER in st.session_state:
        filled.base, settings = st.session_state.pop(TAKEN_OVER)
        filled.typed.clear()
        filled.typed.update(settings)


def _data(filled: Form, known: TrainingData) -> Data:
    return known.data(_shape(filled.base)).part(filled.typed.get("limit"))


def _suggested(filled: Form, data: Data) -> Settings:
    """Return the recipe's settings before anything that a person changed."""
    # Adapters want other rates than the whole encoder: the recipe is fitted to them, too.
    suggested = recipes.choose(filled.recipe, data, peft=filled.typed.get("peft", ""))
    return replace(suggested, launcher=launching.chosen(database()))


def _shape(base: str) -> bases.Shape:
    """Return the base model's shape; for what is no model the usual one, and Start says why."""
    try:
        return bases.shape(base)
    except ModelError:
        return bases.Shape()


def _ask_recipe(data: Data, filled: Form, estimate: Estimate, key: str) -> None:
    """Ask for a recipe by name; another one brings its own values."""
    names = list(recipes.RECIPES)
    _show_as(key, filled.recipe)

    def change() -> None:
        # A browser that has not yet heard of new figures sends a title of before: no choice.
        if (asked := st.session_state[key]) in recipes.RECIPES:
            filled.recipe = asked
            filled.typed.clear()

    st.radio(
        "Recipe",
        names,
        format_func=lambda name: _title(name, estimate.of_recipe(name, data)),
        captions=[recipes.RECIPES[name].about for name in names],
        key=key,
        on_change=change,
        label_visibility="collapsed",
    )
    estimate.basis()


def _title(name: str, estimate: str) -> str:
    # Spaces that do not break: the figure stays on one line.
    return f"**{recipes.RECIPES[name].title}** · " + estimate.replace(" ", "\u00a0")


def _ask_base(project: Project, filled: Form) -> None:
    _show_as("base_kind", filled.kind)

    def change() -> None:
        filled.kind = st.session_state["base_kind"]

    st.selectbox(
        "Base model", list(BASES), format_func=BASES.__getitem__, key="base_kind", on_change=change
    )
    if filled.kind == form.BUNDLED:
        return
    (title, example), key = EXAMPLES[filled.kind], f"base_{filled.kind}"
    _show_as(key, filled.base)

    def name() -> None:
        setattr(filled, filled.kind, st.session_state[key].strip())

    st.text_input(title, placeholder=example, key=key, on_change=name)
    known = form.began(project.id)
    if known and known.folder == filled.base:
        st.caption(
            f"The model of {literal(known.run)} in {literal(known.project)}, with which this "
            "project began."
        )


def _show_as(key: str, value: object) -> None:
    """The form leads: a widget's own state is lost with its page, and may be another project's."""
    # Written only where it differs: writing would overtake what is being typed elsewhere.
    if st.session_state.get(key, ...) != value:
        st.session_state[key] = value


def _settled(suggested: Settings, filled: Form) -> Settings | None:
    """Return the settings to start with and say what differs from the recipe; None where bad."""
    typed, changes = filled.typed, recipes.differences(suggested, filled.typed)
    if typed:
        with st.container(horizontal=True, vertical_alignment="center"):
            if changes:
                text = f"Own settings, changed from {filled.recipe}: {knobs.describe(changes)}."
                st.caption(literal(text), width="stretch")
            else:
                words = literal(knobs.describe(typed))
                st.caption(f"{filled.recipe.capitalize()}, with {words}.")
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
            _start(project, base, settings, RunKind.SEARCH, trials=int(trials))


def _queue(project: Project, base: str, settings: Settings, kind: str, **options: Any) -> Run:
    if not base:
        raise InputError("Name the base model first, or choose the bundled one.")
    if kind == RunKind.TRAINING:
        return expectation.start(database(), project.id, base, settings)
    return enqueue(database(), project.id, base, settings, kind, **options)


def _start(
    project: Project,
    base: str,
    settings: Settings,
    kind: str = RunKind.TRAINING,
    **options: Any,
) -> None:
    try:
        run = _queue(project, base, settings, kind, **options)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state["watched"] = run.id
    st.toast(f"{run.title} is queued. Tag on while it trains.", icon=":material/rocket_launch:")
    st.rerun(scope="app")
