"""What is given to whom: how many people see each document, what they start from, who has what."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from pages.widgets.common import errors, leave
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage import permissions
from storage.collaboration import assignments, queues
from storage.collaboration.assignments import Dealing
from storage.collaboration.rules.given import Given
from storage.collaboration.rules.starts import Start
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.permissions import Ability
from storage.types import Project

STARTS = {
    Start.OPEN: ("The labels that count by now", "Whoever gave them: people correct each other."),
    Start.BARE: (
        "The text alone",
        "Of what they are given nobody sees what others labelled, or what a model says.",
    ),
    Start.SUGGESTIONS: (
        "What a model suggests",
        "Of what they are given nobody sees what others labelled, nor what has learned from that. "
        "Agreement comes out higher than from the text alone.",
    ),
}


def show(project: Project) -> None:
    """Show how documents are given out, let those change it who may, and list who has what."""
    current = assignments.dealing(database(), project.id)
    asked = _asked(project, current)
    if asked != current:
        pressed = st.button(
            "Give out like this",
            type="primary",
            icon=":material/assignment_ind:",
            **leave.to(assignments.set_dealing),
        )
        if pressed:
            _change(project, asked)
    st.subheader("Who has what")
    _people(project)


def _asked(project: Project, current: Dealing) -> Dealing:
    locked = not permissions.may(permissions.needed(assignments.set_dealing))
    # A new one after a change, so that it shows what is in force.
    key = f"{project.id}-{current.people}-{current.start}"
    people = st.number_input(
        "To how many people each document goes",
        min_value=1,
        max_value=queues.MOST_PEOPLE,
        value=current.people,
        key=f"giving-people-{key}",
        width=280,
        disabled=locked,
        help="A queue may say otherwise for its documents. Whoever labelled a document counts. "
        "What was imported finished is not to do: a queue asks people for it.",
    )
    starts = list(STARTS)
    start = st.radio(
        "What people start from who open a document for the first time",
        starts,
        index=starts.index(current.start),
        format_func=lambda each: STARTS[each][0],
        captions=[said for _, said in STARTS.values()],
        key=f"giving-start-{key}",
        disabled=locked,
    )
    return Dealing(int(people), start)


def _change(project: Project, asked: Dealing) -> None:
    people, start = asked.people, asked.start
    if errors.attempt(lambda: assignments.set_dealing(database(), project.id, people, start)):
        st.toast("Documents are given out like this from now on.")
        st.rerun()


def _people(project: Project) -> None:
    """List everybody's documents to those who deal out, and to anybody else their own."""
    deals = permissions.may(Ability.REVIEW)
    own = None if deals else settings.annotator(database())
    by_person: dict[str, list[Given]] = {}
    for each in assignments.given(database(), project.id, own):
        by_person.setdefault(each.annotator, []).append(each)
    if not by_person:
        st.caption(
            f"{'Nobody was' if deals else 'You were'} given a document yet: the queue *Mine* on "
            "Tag gives everybody their next ones, those of queues first."
        )
    names = {each.id: each.name for each in queues.list_queues(database(), project.id)}
    for name in sorted(by_person):
        _person(project, name, by_person[name], names)


def _person(project: Project, name: str, given: list[Given], names: dict[int, str]) -> None:
    done = sum(each.is_over for each in given)
    facts = [
        f"{count(len(given), 'document')} given",
        f"{done:,} done",
        f"{len(given) - done:,} to do",
    ]
    by_queue = Counter(each.queue for each in given if each.queue is not None)
    facts += [f"{number:,} by {literal(names.get(id, ''))}" for id, number in by_queue.items()]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container():
            st.markdown(f"**{literal(name)}**")
            st.caption(" · ".join(facts))
        help = "What is not begun goes to others. What is begun or done stays."
        asked = leave.to(assignments.give_back, help)
        asked["disabled"] |= done == len(given)
        if st.button("Give back", key=f"giving-back-{name}", **asked):
            _give_back(project, name)


def _give_back(project: Project, name: str) -> None:
    try:
        number = assignments.give_back(database(), project.id, name)
    except WhetstoneError as error:
        errors.show(error)
    else:
        st.toast(f"{count(number, 'document')} may go to others.")
        st.rerun()
