"""Examples of the labels where they are edited: each sentence, its reason, what it shows."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import colors
from pages.widgets.common.errors import literal
from pages.widgets.guideline import sentences
from pages.widgets.guideline.again import ERROR
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.knowledge import examples
from storage.knowledge.examples import LONGEST, Example, Kind
from storage.knowledge.versions.said import Shown
from storage.types import Label, Project

WORDS = {Kind.POSITIVE: "Is one", Kind.NEGATIVE: "Is none"}


def edit(project: Project) -> None:
    """Show every label's examples with a field for the reason."""
    found = examples.of_project(database(), project.id)
    st.subheader("Examples", divider="gray")
    if not found:
        st.caption(
            "None yet. In the tagger, select a span and press the key that makes it an example; "
            "in a list of errors a row can become one, too."
        )
    for label in project.labels:
        if label.id in found:
            st.html(colors.chip(label.name, label.color, colors.current()))
            for example in found[label.id]:
                _row(label, example)


def _row(label: Label, example: Example) -> None:
    key = f"example-{example.id}"
    shown = Shown(
        example.id,
        example.kind,
        example.text,
        example.start,
        example.end,
        second_text=example.second_text,
    )
    st.html(f'{sentences.STYLE}<div class="ws-guide"><ul>{sentences.example(shown, label.color)}')
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.session_state[f"{key}-kind"] = example.kind
        st.segmented_control(
            literal(f"What it shows of {label.name}"),
            list(WORDS),
            format_func=WORDS.__getitem__,
            key=f"{key}-kind",
            required=True,
            label_visibility="collapsed",
            on_change=_change,
            args=(example.id, key),
        )
        st.session_state[f"{key}-reason"] = example.reason
        st.text_input(
            literal(f"Why it shows {label.name}"),
            key=f"{key}-reason",
            max_chars=LONGEST,
            placeholder="Why",
            label_visibility="collapsed",
            on_change=_change,
            args=(example.id, key),
            width="stretch",
        )
        st.button(
            "Remove",
            key=f"{key}-remove",
            icon=":material/close:",
            type="tertiary",
            on_click=_remove,
            args=(example.id,),
        )


def _change(example_id: int, key: str) -> None:
    state = st.session_state
    try:
        examples.change(
            database(), example_id, reason=state[f"{key}-reason"], kind=state[f"{key}-kind"]
        )
    except WhetstoneError as error:
        state[ERROR] = str(error)


def _remove(example_id: int) -> None:
    try:
        examples.remove(database(), example_id)
    except WhetstoneError as error:
        st.session_state[ERROR] = str(error)
