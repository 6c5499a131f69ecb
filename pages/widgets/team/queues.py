"""Queues: documents that are to be looked at, each queue with its reason."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import errors, leave
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.collaboration import queues
from storage.collaboration.queues import Queue
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.types import Project


def show(project: Project) -> None:
    """List the queues, those that are closed behind the others."""
    found = queues.list_queues(database(), project.id)
    if not found:
        st.info(
            "There is no queue yet. One comes by itself where a label gets another meaning: the "
            "documents that are to be looked at again.",
            icon=":material/low_priority:",
        )
    for queue in sorted(found, key=lambda each: each.is_closed):
        _row(queue)


def _row(queue: Queue) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        documents = count(len(queues.documents_of(database(), queue)), "document")
        facts = [documents, f"made by {literal(queue.created_by)}"]
        facts += ["closed"] if queue.is_closed else []
        said = f"**{literal(queue.name)}**  \n{literal(queue.reason)}" if queue.reason else ""
        with st.container():
            st.markdown(said or f"**{literal(queue.name)}**")
            st.caption(" · ".join(facts))
        pressed = st.button(
            "Open again" if queue.is_closed else "Close",
            key=f"queue-{queue.id}",
            **leave.to(queues.set_closed, "A closed queue gives out nothing more."),
        )
        if pressed:
            _close(queue)


def _close(queue: Queue) -> None:
    try:
        queues.set_closed(database(), queue.id, not queue.is_closed)
    except WhetstoneError as error:
        errors.show(error)
    else:
        st.rerun()
