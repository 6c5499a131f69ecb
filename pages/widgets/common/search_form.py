"""The filters of a search, each value with the number of documents that it would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from storage.database.store import database
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
MAKERS = {
    Source.PERSON: "by a person",
    Source.IMPORT: "by an import",
    Source.MODEL: "by the model",
    Source.DICTIONARY: "by the dictionary",
}


def show(project: Project, key: str, on_change: Callable[[], None] | None = None) -> Counts:
    """Show the form of the search that ``current`` returns; return the counts of its result.

    ``on_change`` hears that the person changed it, before the page runs again.
    """
    wanted = current(key)
    found = search.counts(database(), project.id, wanted)
    heard = {"on_change": _take, "kwargs": {"key": key, "then": on_change}}
    _find(key, wanted, heard)
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


def _find(key: str, wanted: Search, heard: dict) -> None:
    # Set only where it differs: what is set here replaces what is being typed meanwhile.
    if st.session_state.get(f"{key}-text") != wanted.text:
        st.session_state[f"{key}-text"] = wanted.text
    st.text_input(
        "Find",
        key=f"{key}-text",
        placeholder="Text or name of a document",
        type="search",
        live="300ms",
        label_visibility="collapsed",
        **heard,
    )


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
    if f"{key}-marks" in state:
        values |= {name: name in state[f"{key}-marks"] for name in MARKS}
    put(key, replace(wanted, **values).clean())
    if then:
        then()
