"""The filters of a search, each value with the number of documents that it would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.errors import InputError
from storage.finding import search
from storage.finding.search import MARKS, SPOKEN, Counts, Search
from storage.types import Project, Source

FILTERS = {
    "status": "status",
    "label": "label",
    "split": "split",
    "annotator": "annotator",
    "source": "source",
}
REGEX = (
    "Looks for a regular expression in the text, as it is written: `\\d{4}` is a year, "
    "`^[A-Z ]+$` a line of capitals, `(?i)` at the start takes any case. `\\w`, `\\d` and `\\b` "
    "know every script."
)
MAKERS = {
    Source.PERSON: "by a person",
    Source.IMPORT: "by an import",
    Source.MODEL: "by the model",
    Source.DICTIONARY: "by the dictionary",
    Source.SAMPLED: "by nobody: sampled",
    Source.MINED: "by nobody: mined",
}


def show(project: Project, key: str, on_change: Callable[[], None] | None = None) -> Counts:
    """Show the form of the search that ``current`` returns; return the counts of its result.

    ``on_change`` hears that the person changed it, before the page runs again.
    """
    found = _counted(project, key)
    wanted, typed, wrong = current(key), *_typed(key)
    heard = {"on_change": _take, "kwargs": {"key": key, "then": on_change}}
    _find(key, typed, heard)
    if wrong:
        st.markdown(f":red[{literal(wrong)}]")
    with st.container(horizontal=True, gap="small"):
        for name, title in FILTERS.items():
            _filter(key, name, title, wanted, getattr(found, name), heard)
    _marks(key, wanted, found.marks, heard)
    return found


def current(key: str) -> Search:
    """Return what the form of this key looks for."""
    return st.session_state.get(key, Search())


def put(key: str, wanted: Search) -> None:
    """Make the form of this key look for something."""
    st.session_state[key] = wanted
    st.session_state.pop(f"{key}-wrong", None)


def _counted(project: Project, key: str) -> Counts:
    """Return the counts; what cannot be looked for is kept as it is typed, and told."""
    asked, state = current(key), st.session_state
    try:
        found = search.counts(database(), project.id, asked)
    except InputError as error:
        put(key, state.get(f"{key}-good", Search()))
        state[f"{key}-wrong"] = asked, str(error)
        return search.counts(database(), project.id, current(key))
    state[f"{key}-good"] = asked
    return found


def _typed(key: str) -> tuple[Search, str]:
    """Return what stands in the form, and what is wrong with it, "" where nothing is."""
    return st.session_state.get(f"{key}-wrong", (current(key), ""))


def _find(key: str, typed: Search, heard: dict) -> None:
    # Set only where it differs: what is set here replaces what is being typed meanwhile.
    if st.session_state.get(f"{key}-text") != typed.text:
        st.session_state[f"{key}-text"] = typed.text
    if st.session_state.get(f"{key}-regex") != typed.regex:
        st.session_state[f"{key}-regex"] = typed.regex
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Find",
            key=f"{key}-text",
            placeholder="A regular expression" if typed.regex else "Text or name of a document",
            type="search",
            live="300ms",
            label_visibility="collapsed",
            **heard,
        )
        st.toggle("Pattern", key=f"{key}-regex", help=REGEX, **heard)


def _filter(
    key: str, name: str, title: str, wanted: Search, counts: Mapping[str, int], heard: dict
) -> None:
    """Offer the values that documents have, where there is a choice."""
    chosen = getattr(wanted, name)
    options = ["", *dict.fromkeys([*counts, *filter(None, [chosen])])]
    if len(options) < 3 and not chosen:
        return
    words: dict[str, Mapping[Any, str]]
    words = {"source": MAKERS, "status": SPOKEN, "split": SPOKEN}
    spoken = words.get(name, {})

    def say(value: str) -> str:
        return f"{spoken.get(value, value)} ({counts.get(value, 0):,})" if value else f"any {title}"

    # Set at each run: the words change with the counts, and Streamlit knows options by them.
    st.session_state[f"{key}-{name}"] = chosen
    st.selectbox(
        title.capitalize(),
        options,
        format_func=say,
        key=f"{key}-{name}",
        label_visibility="collapsed",
        width="stretch",
        **heard,
    )


def _marks(key: str, wanted: Search, counts: Mapping[str, int], heard: dict) -> None:
    chosen = [name for name in MARKS if getattr(wanted, name)]
    options = [name for name in MARKS if counts[name] or name in chosen]
    if not options:
        return
    st.session_state[f"{key}-marks"] = chosen
    st.pills(
        "Only those",
        options,
        selection_mode="multi",
        format_func=lambda name: f"{MARKS[name]} ({counts[name]:,})",
        key=f"{key}-marks",
        label_visibility="collapsed",
        **heard,
    )


def _take(key: str, then: Callable[[], None] | None) -> None:
    """Read the widgets, as far as they were shown."""
    wanted, state = current(key), st.session_state
    values: dict[str, Any] = {
        name: state[f"{key}-{name}"] or ""
        for name in ("text", *FILTERS)
        if f"{key}-{name}" in state
    }
    if f"{key}-regex" in state:
        values["regex"] = state[f"{key}-regex"]
    if f"{key}-marks" in state:
        values |= {name: name in state[f"{key}-marks"] for name in MARKS}
    put(key, replace(wanted, **values).clean())
    if then:
        then()
