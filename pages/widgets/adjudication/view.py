"""One document after the other: which is open, and what is said where none waits."""

from __future__ import annotations

import streamlit as st

from pages.widgets.adjudication import payload, queue
from pages.widgets.adjudication.queue import Known
from pages.widgets.common import address
from pages.widgets.common.words import count
from pages.widgets.walk import component
from storage.collaboration import adjudication, cases
from storage.database.store import database
from storage.errors import NotFoundError
from storage.types import Project

ALIKE = "In the document that was asked for nobody differs: there is nothing to decide."
KEY = "walk-adjudicate"
_IMPORTED = "adjudicate-imported"
_OPEN, _ASKED, _HEARD = "adjudicate-document", "adjudicate-asked", "adjudicate-heard"
NONE = (
    "No document waits: two or more people have to finish one, and to differ. Who is given what "
    "is chosen on Team."
)


def show(project: Project, nameless: bool) -> None:
    """Show the document that is asked for, else the first that waits."""
    _follow(st.session_state.get(KEY, {}).get("open"))
    known = queue.look(project)
    document = _document(known)
    if document is None:
        _say_nothing_waits(known)
        return
    try:
        opened = adjudication.open_document(database(), project.id, document)
    except NotFoundError:
        queue.forget()
        st.session_state.pop(_OPEN, None)
        st.rerun()
    address.write(document=str(document))
    st.session_state[_ASKED] = document
    data = payload.describe(project, opened, known, nameless)
    component.mount(data, key=KEY, entry="adjudicating/start.js", on_page=lambda _: None)


def choose_imported(project: Project) -> None:
    """Let a person choose whether what was imported is a version, where there is any."""
    assert project.id is not None, "what is open was stored"
    taken = cases.takes_imported(database(), project.id)
    if taken is None:
        return
    st.session_state[_IMPORTED] = taken
    st.toggle(
        "With imported labels",
        key=_IMPORTED,
        on_change=lambda: cases.take_imported(database(), project.id, st.session_state[_IMPORTED]),
        help="Labels of files that name no annotator, where nobody has edited them since, are "
        "versions like people's, for everybody who adjudicates here. They are nobody's judgement: "
        "at first they are none.",
    )


def _document(known: Known) -> int | None:
    """Return the document of the address where that is new, the open one, or the first to do."""
    asked = address.read_id("document")
    if asked != st.session_state.get(_ASKED):
        if asked in known.cases:
            st.session_state[_OPEN] = asked
        elif asked:
            st.info(ALIKE, icon=":material/info:")
    chosen = st.session_state.get(_OPEN)
    if chosen in known.cases:
        return chosen
    st.session_state[_OPEN] = next(iter(known.waiting), None)
    return st.session_state[_OPEN]


def _follow(asked: dict | None) -> None:
    """Open the document that the component asked for, each time once; none: the first to do."""
    if not asked or asked.get("n") == st.session_state.get(_HEARD):
        return
    st.session_state[_HEARD] = asked.get("n")
    document = asked.get("document")
    if asked.get("tag"):
        st.switch_page("tag.py", query_params={"document": str(document)})
    st.session_state[_OPEN] = document


def _say_nothing_waits(known: Known) -> None:
    if not known.decided:
        st.info(NONE, icon=":material/info:")
        return
    decided = count(len(known.decided), "document")
    st.success(f"Everything is decided: {decided}.", icon=":material/done_all:")
    again = {_OPEN: known.decided[0]}
    st.button("Look at the decisions", on_click=st.session_state.update, args=(again,))
