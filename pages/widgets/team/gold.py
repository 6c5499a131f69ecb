"""Whose labels count where several people have labelled a document: the policy, and its change."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import errors, leave
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.collaboration import deciding, people
from storage.collaboration.rules.policies import Gold, Policy
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.permissions import may, needed
from storage.types import Project

SAID = {
    Gold.NEWEST: ("The newest", "Whoever edited a document last."),
    Gold.PERSON: ("One person's", "Theirs where they have finished a document, else the newest."),
    Gold.MAJORITY: (
        "The majority's",
        "The marks that more than half of those gave who finished a document.",
    ),
    Gold.ADJUDICATED: (
        "What was decided",
        "Where people differ, what was decided on Adjudicate; nothing before that. Where they "
        "agree, or where only one has finished, that.",
    ),
}


def show(project: Project) -> None:
    """Show the policy in force, and let those who may choose another one."""
    current = deciding.policy(database(), project.id)
    st.markdown(
        "Everything that trains, counts, searches or exports takes one version of each document. "
        f"In this project **{_words(current)}** counts."
    )
    if deciding.is_pending(database(), project.id):
        _go_on(project)
    asked = _asked(project, current)
    if asked is None or asked == current:
        return
    _outlook(project, asked)
    pressed = st.button(
        "Let these count",
        type="primary",
        icon=":material/how_to_vote:",
        **leave.to(deciding.set_policy),
    )
    if pressed:
        _change(project, asked)


def _words(policy: Policy) -> str:
    said = SAID[policy.kind][0].lower()
    return f"{said} ({literal(policy.annotator)})" if policy.annotator else said


def _asked(project: Project, current: Policy) -> Policy | None:
    """Return the policy that is chosen; None where a person is still to be named."""
    locked = not may(needed(deciding.set_policy))
    kinds = list(SAID)
    kind = st.radio(
        "Where several people have labelled a document, its labels are",
        kinds,
        index=kinds.index(current.kind),
        format_func=lambda each: SAID[each][0],
        captions=[said for _, said in SAID.values()],
        # A new one after a change, so that it shows what is in force.
        key=f"gold-{project.id}-{current.kind}-{current.annotator}",
        disabled=locked,
    )
    if kind is not Gold.PERSON:
        return Policy(kind)
    names = sorted({*people.annotators(database(), project.id), current.annotator} - {""})
    index = names.index(current.annotator) if current.annotator else None
    name = st.selectbox(
        "Whose",
        names,
        index=index,
        placeholder="Choose a person",
        format_func=literal,
        width=360,
        disabled=locked,
        key=f"gold-person-{project.id}-{current.annotator}",
    )
    return Policy(kind, name) if name else None


def _outlook(project: Project, asked: Policy) -> None:
    """Say beforehand what the policy would leave without labels."""
    with st.spinner("Counting"):
        found = deciding.look(database(), project.id, asked)
    finished = count(found.finished, "document")
    if found.without:
        st.warning(
            f"Of {finished} that somebody has finished, {count(found.without, 'document')} would "
            "have no labels that count: nothing trains on them, and no export has labels for "
            "them, until people agree or somebody decides. Nobody's labels are lost.",
            icon=":material/rule:",
        )
    else:
        st.caption(f"All of the {finished} that somebody has finished would have labels.")


def _change(project: Project, policy: Policy) -> None:
    try:
        with st.spinner("Marking the documents"):
            deciding.set_policy(database(), project.id, policy)
    except WhetstoneError as error:
        errors.show(error)
    else:
        st.toast("These labels count from now on.")
        st.rerun()


def _go_on(project: Project) -> None:
    """A change that was broken off: say so, and let it go on."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown("The last change has not come to all documents.", width="stretch")
        if st.button("Go on with it", icon=":material/resume:", **leave.to(deciding.go_on)):
            with st.spinner("Marking the documents"):
                deciding.go_on(database(), project.id)
            st.rerun()
