"""Queues: documents that are to be looked at, each queue with its reason."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.widgets.common import errors, leave
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.team import making
from pages.widgets.team.giving import STARTS
from storage import permissions
from storage.collaboration import assignments, queues
from storage.collaboration.queues import Queue
from storage.database import settings
from storage.database.store import database
from storage.permissions import Ability
from storage.types import Project


def show(project: Project) -> None:
    """List the queues, those that are closed behind the others."""
    making.show(project)
    found = queues.list_queues(database(), project.id)
    counts = assignments.counts(database(), project.id)
    if not found:
        st.info(
            "There is no queue yet. Where a label gets another meaning, Guideline offers one: the "
            "documents that are to be looked at again.",
            icon=":material/low_priority:",
        )
    for queue in sorted(found, key=lambda each: each.is_closed):
        _row(queue, counts.get(queue.id, {}))


def _row(queue: Queue, counts: Mapping[str, tuple[int, int]]) -> None:
    """Show a queue; ``counts`` has how many each person was given of it, and has finished."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        documents = count(len(queues.documents_of(database(), queue)), "document")
        facts = [documents, f"made by {literal(queue.created_by)}"]
        facts += ["closed"] if queue.is_closed else []
        said = f"**{literal(queue.name)}**  \n{literal(queue.reason)}" if queue.reason else ""
        with st.container():
            st.markdown(said or f"**{literal(queue.name)}**")
            st.caption(" · ".join([*facts, *_own(queue)]))
            if progress := _progress(counts):
                st.caption(progress)
        pressed = st.button(
            "Open again" if queue.is_closed else "Close",
            key=f"queue-{queue.id}",
            **leave.to(queues.set_closed, "A closed queue gives out nothing more."),
        )
        if pressed:
            _close(queue)


def _own(queue: Queue) -> list[str]:
    """Say what a queue has of its own, and the project another way."""
    people = [] if queue.people is None else [f"each to {count(queue.people, 'person')}"]
    if queue.people and queue.people > 1:
        people = [f"each to {queue.people:,} people"]
    return people if queue.start is None else [*people, STARTS[queue.start][0].lower()]


def _progress(counts: Mapping[str, tuple[int, int]]) -> str:
    """Say how much of what was given is done, to those who deal out everybody's part."""
    if not permissions.may(Ability.REVIEW):
        own = settings.annotator(database())
        counts = {who: each for who, each in counts.items() if who == own}
    if not counts:
        return ""
    given, done = (sum(column) for column in zip(*counts.values(), strict=True))
    each = [f"{literal(who)} {over:,} of {own:,}" for who, (own, over) in counts.items()]
    return f"{done:,} of {given:,} given are done: {', '.join(each)}"


def _close(queue: Queue) -> None:
    if errors.attempt(lambda: queues.set_closed(database(), queue.id, not queue.is_closed)):
        st.rerun()
