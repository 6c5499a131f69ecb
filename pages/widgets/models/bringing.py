"""What a served model was asked and doubted waits to be brought in: how much, and the click."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from engine.encoding.tokens import tokenize
from pages.widgets.common import errors, leave, words
from pages.widgets.common.words import count
from storage.database.store import database
from storage.finding.selection import Order, Selection
from storage.serving import kept
from storage.serving.kept import Brought
from storage.types import Project

AT_ONCE = 20
QUEUE = Selection(Order.PRODUCTION).name
_BROUGHT = "brought-in"


def show_waiting(project: Project) -> None:
    """Say in a line on Home how many texts wait, and lead to their queue."""
    if number := kept.waiting(database(), project.id).texts:
        leave.page_link(
            "tag.py",
            label=f"{count(number, 'text')} from production {_wait(number)}",
            icon=":material/move_to_inbox:",
            query_params={"queue": QUEUE},
            help="The live model doubted what it was asked, or had not seen the like of it.",
        )


def offer(project: Project) -> None:
    """Say how many texts wait and why, and let some of them become documents at a click."""
    found = kept.waiting(database(), project.id)
    if not found.texts:
        if not _brought(project):
            st.caption("No text waits: nothing that was asked is doubtful, or nothing is kept.")
        return
    st.markdown(
        f"**{count(found.texts, 'text')} {_wait(found.texts)}**: {found.doubtful:,} doubtful, "
        f"{found.unlike:,} unlike what the model learned from."
    )
    pressed = st.button(
        f"Bring {min(AT_ONCE, found.texts)} in",
        type="primary",
        icon=":material/move_to_inbox:",
        key="bring-in",
        **leave.to(
            kept.bring_in,
            words.of(project).fill("Each becomes a {document} to label, by the name production."),
        ),
    )
    if pressed and errors.attempt(lambda: _bring(project)):
        st.rerun()


def show_brought(project: Project) -> None:
    """Say what the last click brought, and lead to it."""
    ids = _brought(project)
    if not ids:
        return
    said = in_words([each for each in kept.brought(database(), project.id) if each.document in ids])
    with st.container(horizontal=True, vertical_alignment="center", key="brought-in-line"):
        st.markdown(f":material/check_circle: {said}", width="content")
        leave.page_link(
            "tag.py",
            label="Label them",
            icon=":material/ink_highlighter:",
            query_params={"queue": QUEUE},
        )


def in_words(brought: Iterable[Brought]) -> str:
    """Say it: "20 brought in: 14 doubtful, 8 unlike what the model learned from"."""
    found = list(brought)
    doubtful = sum(each.doubt >= kept.DOUBTFUL for each in found)
    unlike = sum(each.unlike for each in found)
    return (
        f"{len(found):,} brought in: {doubtful:,} doubtful, {unlike:,} unlike what the model "
        "learned from."
    )


def _brought(project: Project) -> set[int]:
    """Return which documents the last click brought into a project."""
    owner, ids = st.session_state.get(_BROUGHT, (None, set()))
    return ids if owner == project.id else set()


def _bring(project: Project) -> None:
    ids = set(kept.bring_in(database(), project.id, AT_ONCE, tokenize))
    st.session_state[_BROUGHT] = project.id, ids
    brought = kept.brought(database(), project.id)
    st.toast(in_words(each for each in brought if each.document in ids), icon=":material/check:")


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"
