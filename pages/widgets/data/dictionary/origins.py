"""Where the strings of a dictionary come from: a file, a kept list, or what was labelled so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from engine.corpus import wordlists
from engine.corpus.dictionary import Entry, from_labels
from pages.widgets.common import tables
from pages.widgets.common.words import count
from storage.actions import relabelling
from storage.coaching import word_lists
from storage.coaching.word_lists import WordList
from storage.database.store import database
from storage.types import Project

FILE, LABELS, KEPT = "A file", "What is labelled so far", "A kept list"
MOST_MEGABYTES = 10
PROBLEMS = 200
_READ = "dictionary-read"


@dataclass(frozen=True, slots=True)
class Strings:
    """Where a dictionary comes from; ``gather`` returns its entries and what to say of them."""

    origin: tuple
    words: str
    gather: Callable[[], tuple[list[Entry], str]]
    file: str = ""
    """What the file is called whose strings may be kept."""


def choose(project: Project, kept: list[WordList]) -> Strings | None:
    """Let one choose where strings come from; None where there are none yet."""
    origins = [FILE, LABELS, *([KEPT] if kept else [])]
    origin = st.radio("Strings from", origins, horizontal=True, key="dictionary-from")
    if origin == KEPT:
        return _from_kept(kept)
    return _from_file(project) if origin == FILE else _from_labels(project)


def _from_kept(kept: list[WordList]) -> Strings | None:
    named = {each.id: each for each in kept}
    chosen = st.selectbox(
        "List",
        list(named),
        format_func=lambda id: named[id].name,
        key="dictionary-kept",
        on_change=lambda: _as_kept(named[st.session_state["dictionary-kept"]]),
    )
    if not (strings := named[chosen].strings):
        st.caption("None of its strings has a label any more.")
        return None
    return Strings(
        (KEPT, chosen),
        f"Look for {count(strings, 'string')}",
        lambda: ([Entry(*each) for each in word_lists.entries(database(), chosen)], ""),
    )


def use(kept: WordList) -> None:
    """Choose a list before the page is drawn again."""
    st.session_state["dictionary-from"], st.session_state["dictionary-kept"] = KEPT, kept.id
    _as_kept(kept)


def _as_kept(kept: WordList) -> None:
    """Look for strings as their list says."""
    st.session_state["dictionary-words"] = kept.whole_words
    st.session_state["dictionary-case"] = kept.match_case


def _from_file(project: Project) -> Strings | None:
    one, two = st.columns([2, 1])
    upload = one.file_uploader(
        "Word list",
        type=["csv", "tsv", "txt"],
        max_upload_size=MOST_MEGABYTES,
        key="dictionary-file",
        help="CSV or TSV with a string and its label in each row, or one string a line; UTF-8.",
    )
    label = two.selectbox(
        "Label of strings without one",
        [label.name for label in project.labels],
        index=None,
        accept_new_options=True,
        key="dictionary-label",
    )
    if upload is None:
        return None
    origin = (FILE, upload.file_id, (label or "").strip())
    known, found = st.session_state.get(_READ, (None, None))
    if known != origin:
        found = wordlists.read(upload.name, upload.getvalue(), origin[-1])
        st.session_state[_READ] = (origin, found)
    _problems(found)
    if not found.entries:
        return None
    words = f"Look for {count(len(found.entries), 'string')}"
    return Strings(origin, words, lambda: (list(found.entries), ""), upload.name)


def _problems(found: wordlists.Wordlist) -> None:
    if not found.problems:
        return
    left_out = f"{count(len(found.problems), 'row')} left out"
    words = left_out if found.entries else "Nothing can be read"
    with st.expander(words, icon=":material/warning:", expanded=not found.entries):
        rows = [(problem.line or None, problem.message) for problem in found.problems[:PROBLEMS]]
        tables.show(pd.DataFrame(rows, columns=["Line", "What and what to do"]), hide_index=True)


def _from_labels(project: Project) -> Strings:
    one, two = st.columns([1, 2])
    least = one.number_input("Labelled at least … times", 1, 1_000, 2, key="dictionary-least")
    names = {label.id: label.name for label in project.labels}
    chosen = two.multiselect(
        "Labels", list(names), list(names), format_func=names.__getitem__, key="dictionary-labels"
    )
    return Strings(
        (LABELS, least, tuple(chosen)),
        "Look for strings labelled so far",
        lambda: _labelled(names, {names[label] for label in chosen}, int(least)),
    )


def _labelled(names: dict[int, str], wanted: set[str], least: int) -> tuple[list[Entry], str]:
    """Return strings that bear one of the labels, and none beside it."""
    counts = (
        (quote, name, count)
        for label, name in names.items()
        for quote, count in relabelling.quotes(database(), label)
    )
    entries, doubtful = from_labels(counts, least)
    note = f"{doubtful:,} strings bear more than one label and were left out." if doubtful else ""
    return [entry for entry in entries if entry.label in wanted], note
