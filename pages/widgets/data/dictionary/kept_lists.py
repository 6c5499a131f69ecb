"""Word lists that are kept: offered, listed, used again, asked by the coach, removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

import streamlit as st

from engine.corpus.dictionary import Entry
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.coaching import choices, outcomes, word_lists
from storage.coaching.outcomes import Record
from storage.coaching.word_lists import WordList
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.types import Project

LONGEST = 200
ABOUT = (
    "The coach suggests its strings on Tag in every text that is not done, from the first one on, "
    "and leaves out those that people pass over."
)
_NAMED = 5
_TURN = "keep-list-turn"


@dataclass(frozen=True, slots=True)
class Offer:
    """Strings that may be kept: what the file is called, and how they are looked for."""

    file: str
    entries: Sequence[Entry]
    whole_words: bool
    match_case: bool


def offer(project: Project, found: Offer, kept: Sequence[WordList]) -> None:
    """Offer to keep the strings of a file under a name."""
    # A new key closes what was open once a list is kept, and shows what is kept now.
    turn = st.session_state.get(_TURN, 0)
    with st.popover("Keep the list", icon=":material/bookmark_add:", key=f"{_TURN}-{turn}"):
        st.caption(ABOUT)
        name = st.text_input(
            "Name",
            PurePath(found.file).stem[:LONGEST],
            max_chars=LONGEST,
            # Each file has a name of its own: the last one's list is not to be replaced by it.
            key=f"keep-name-{found.file}",
        ).strip()
        known = {each.name: each for each in kept}
        st.caption(_told(project, found, known.get(name)))
        words = "Replace" if name in known else "Keep"
        if st.button(f"{words} the list", type="primary", disabled=not name, key="keep-list"):
            _keep(project, name, found)


def _told(project: Project, found: Offer, known: WordList | None) -> str:
    """Say what will be: how the strings are found, what is new, what goes."""
    said = [f"{count(len(found.entries), 'string')}, {_how(found.whole_words, found.match_case)}."]
    fresh = {each.label for each in found.entries} - {label.name for label in project.labels}
    if fresh:
        said.append(f"New labels: {_listed(sorted(fresh))}.")
    if known:
        strings = count(known.strings + known.lost, "string")
        said.append(f"A list of this name, {strings} of {_day(known)}, is replaced.")
    return literal(" ".join(said))


def _keep(project: Project, name: str, found: Offer) -> None:
    given = [(each.text, each.label) for each in found.entries]
    how = {"whole_words": found.whole_words, "match_case": found.match_case}
    if _tried(lambda: word_lists.keep(database(), project.id, name, given, **how)):
        st.toast(literal(f"Kept as {name}."), icon=":material/check:")
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        st.rerun()


def show(project: Project, kept: Sequence[WordList], use: Callable[[WordList], None]) -> None:
    """List what is kept; ``use`` is called with a list that is to be looked for again."""
    if not kept:
        return
    st.subheader("Kept lists", anchor=False)
    if not choices.of(database(), project.id).on:
        st.caption("The coach of this project is switched off in Settings: it suggests nothing.")
    became = outcomes.by_maker(database(), project.id)
    for each in kept:
        _row(each, became.get(each.run), use)


def _row(kept: WordList, became: Record | None, use: Callable[[WordList], None]) -> None:
    with st.container(border=True):
        st.markdown(f"**{literal(kept.name)}**", width="stretch")
        st.caption(_about(kept, became))
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            _asking(kept)
            st.button(
                "Use again",
                icon=":material/search:",
                key=f"use-list-{kept.id}",
                help="Choose it above, to look for its strings and label them.",
                disabled=not kept.strings,
                on_click=use,
                args=(kept,),
            )
            _removal(kept)


def _asking(kept: WordList) -> None:
    key = f"ask-list-{kept.id}"
    # As it is now, whatever this page showed before.
    st.session_state[key] = kept.is_asked
    st.toggle("The coach suggests it", key=key, help=ABOUT, on_change=_ask, args=(kept.id, key))


def _ask(list_id: int, key: str) -> None:
    _tried(lambda: word_lists.ask(database(), list_id, st.session_state[key]))


def _removal(kept: WordList) -> None:
    with st.popover("Remove", icon=":material/delete:"):
        st.caption("Its strings are suggested no more. What was labelled stays as it is.")
        if st.button("Remove the list", type="primary", key=f"remove-list-{kept.id}") and _tried(
            lambda: word_lists.remove(database(), kept.id)
        ):
            st.rerun()


def _about(kept: WordList, became: Record | None) -> str:
    said = [count(kept.strings, "string")]
    if kept.by_label:
        said.append(_listed(list(kept.by_label)))
    said += [_how(kept.whole_words, kept.match_case), f"kept {_day(kept)}"]
    if kept.lost:
        said.append(f"{count(kept.lost, 'string')} without a label, since theirs was deleted")
    if became and became.kept + became.dropped:
        given = count(became.kept + became.dropped, "suggestion")
        said.append(f"{became.kept:,} of {given} kept by people")
    return literal(" · ".join(said))


def _how(whole_words: bool, match_case: bool) -> str:
    words = "whole words" if whole_words else "also inside of words"
    return f"{words}, {'case as written' if match_case else 'in any case'}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _day(kept: WordList) -> str:
    return f"{datetime.fromisoformat(kept.created_at).astimezone():%d %b %Y}"


def _tried(change: Callable[[], object]) -> bool:
    """Make a change and tell whether it was made; say what stands against it."""
    try:
        change()
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return False
    return True
