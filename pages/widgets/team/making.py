"""A new queue: which documents, to how many people each, and what they start from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.widgets.common import errors, leave, search_form
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.team.giving import STARTS
from storage.accounts import accounts
from storage.collaboration import assignments, people, queues
from storage.collaboration.rules.starts import Start
from storage.database import settings
from storage.database.store import database
from storage.finding import search as searching
from storage.finding.search import Search
from storage.types import Project

_TURN = "queue-turn"
# Of more people than these the preview says how many there are.
NAMED = 6


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form says; None is as the project has it."""

    name: str
    reason: str
    search: Search
    grows: bool
    people: int | None
    start: Start | None


def show(project: Project) -> None:
    """Show the form to those who may deal documents out."""
    refused = leave.to(queues.create_queue)
    # The next queue has a form of its own, and that of the last one closes.
    turn = st.session_state.setdefault(_TURN, 0)
    with st.popover("New queue", icon=":material/add:", key=f"queue-new-{turn}", **refused):
        _form(project, turn)


def _form(project: Project, turn: int) -> None:
    asked = _ask(project, turn)
    documents = searching.ids(database(), project.id, asked.search)
    st.markdown(f"**{_preview(project, asked, len(documents))}**")
    if not st.button("Make the queue", type="primary", key="queue-make"):
        return
    made_of = {"search": asked.search} if asked.grows else {"documents": documents}
    make = partial(
        queues.create_queue,
        database(),
        project.id,
        asked.name,
        reason=asked.reason,
        people=asked.people,
        start=asked.start,
        **made_of,
    )
    if errors.attempt(make):
        st.session_state[_TURN] = turn + 1
        st.toast("The queue is made: its documents come first under *Mine* on Tag.")
        st.rerun()


def _ask(project: Project, turn: int) -> _Asked:
    # Beside each other where there is room, so that the button is in sight.
    with st.container(horizontal=True):
        name = st.text_input("Name", key=f"queue-name-{turn}", max_chars=200)
        words = "It stands above each document for those who get it."
        reason = st.text_input("Reason", key=f"queue-reason-{turn}", help=words)
    st.markdown("Of which documents: those that a search finds, or all")
    made_of = f"queue-made-of-{turn}"
    search_form.show(project, made_of)
    grows = st.toggle(
        "Also what the search finds later",
        key=f"queue-grows-{turn}",
        help="Else only what it finds now.",
    )
    usual = assignments.dealing(database(), project.id)
    with st.container(horizontal=True):
        number = st.number_input(
            "To how many people each document goes",
            min_value=1,
            max_value=queues.MOST_PEOPLE,
            value=None,
            placeholder=f"{usual.people}, as the project",
            key=f"queue-people-{turn}",
        )
        start = st.selectbox(
            "What people start from",
            list(STARTS),
            index=None,
            placeholder=f"{STARTS[usual.start][0]}, as the project",
            format_func=lambda each: STARTS[each][0],
            key=f"queue-start-{turn}",
        )
    search = search_form.current(made_of)
    return _Asked(name, reason, search, grows, None if number is None else int(number), start)


def _preview(project: Project, asked: _Asked, number: int) -> str:
    """Say it: "120 documents, each to 2 people: Ada, Bob"."""
    goes = asked.people or assignments.dealing(database(), project.id).people
    to = "1 person" if goes == 1 else f"{goes:,} people"
    said = f"{count(number, 'document')}, {'each ' if number != 1 else ''}to {to}"
    there = _people(project)
    named = ", ".join(literal(name) for name in there[:NAMED])
    named += f" and {len(there) - NAMED:,} more" if len(there) > NAMED else ""
    if len(there) < goes:
        return f"{said}; here are only {len(there):,} so far: {named}"
    return f"{said}: {named}" if len(there) == goes else f"{said} of {len(there):,}: {named}"


def _people(project: Project) -> list[str]:
    """Return who may be given documents: everybody with an account, else who has labelled."""
    db = database()
    if accounts.exist(db):
        return sorted(each.name for each in accounts.known(db))
    return sorted({settings.annotator(db), *people.annotators(db, project.id)})
