"""What a label's new meaning leaves to be looked at: offered where the change is seen."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.widgets.common import errors, leave, words
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.collaboration import queues
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.finding.selection import Order, Selection
from storage.knowledge import guidelines, outdated
from storage.knowledge.outdated import Outdated
from storage.types import Project

ERROR = "guideline-error"


def show(project: Project) -> None:
    """Offer, for each label that means something else now, the documents from before."""
    if error := st.session_state.pop(ERROR, None):
        st.error(literal(error), icon=":material/error:")
    for each in outdated.of_project(database(), project.id):
        _offer(project, each)


def _offer(project: Project, found: Outdated) -> None:
    label, key = found.label, f"again-{found.label.id}"
    noun = words.of(project).document
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/history: **{literal(label.name)}** means something else since version "
            f"{label.since}: {count(found.bearing, noun)} had it before.",
            width="stretch",
        )
        wanted = found.suggested > 0 and st.checkbox(
            f"and {found.suggested:,} more where a model suggests it",
            key=f"{key}-suggested",
            value=not found.bearing,
        )
        if st.button(
            "Look at them again",
            icon=":material/ink_highlighter:",
            key=key,
            type="primary",
            disabled=not (found.bearing or wanted) or _refused(queues.stand),
            help=leave.to(queues.stand)["help"]
            or "A queue with the reason: what you change or find right leaves this count.",
        ):
            _begin(project, found, wanted)
        if label.since == guidelines.in_force(database(), project.id).number:
            st.button(
                "Only wording",
                key=f"{key}-wording",
                on_click=_only_wording,
                args=(project.id, label.id),
                **leave.to(guidelines.set_meaning, "It means what it meant: nothing to look at."),
            )


def _refused(function: Callable[..., object]) -> bool:
    return leave.to(function)["disabled"]


def _begin(project: Project, found: Outdated, suggested: bool) -> None:
    """Make the queue, and walk it."""
    db, label = database(), found.label
    documents = outdated.documents(db, project.id, label.id, suggested=suggested)
    note = guidelines.version(db, project.id, label.since).note
    reason = f"{label.name} means something else since version {label.since}"
    reason += f" ({note})." if note else "."
    try:
        name = f"{label.name[:150]}, version {label.since}"
        made = queues.stand(db, project.id, name, reason=reason, documents=documents)
    except WhetstoneError as error:
        errors.show(error)
    else:
        queue = Selection(Order.GIVEN, given=made.id).name
        st.switch_page("tag.py", query_params={"queue": queue, "document": str(documents[0])})


def _only_wording(project_id: int, label_id: int) -> None:
    try:
        guidelines.set_meaning(database(), project_id, label_id, False)
    except WhetstoneError as error:
        st.session_state[ERROR] = str(error)
