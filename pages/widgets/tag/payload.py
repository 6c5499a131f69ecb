"""What the Tag page hands to the tagger: the document, its state, the queue around it."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages import routes
from pages.coaching import coach
from pages.routes import gate, naming
from pages.widgets.common import address
from pages.widgets.tag import mode, queue_picker
from storage.coaching import choices
from storage.collaboration import thread_lists
from storage.corpus import documents
from storage.database import settings
from storage.database.store import database
from storage.finding import focus, reasons
from storage.finding import queues as stored
from storage.finding.queues import Queue
from storage.finding.selection import Order
from storage.journal import annotations, wire
from storage.runs import suggestions
from storage.types import Project

# So many documents of the queue on either side are known to the tagger, which may be ahead.
REACH = 50
# From which score on "accept all" takes a suggestion, where Settings say nothing else.
THRESHOLD = 0.8


def put_on() -> None:
    """Make the page one desk: no title, the text over the height of the window."""
    st.html(Path(__file__).with_suffix(".css"))


def make_bar(queue: Queue) -> DeltaGenerator:
    """Return the container of the queue's picker: in the tagger's own bar where there is one.

    The way back to a report needs a row of its own.
    """
    within = queue.ids and queue.selection.kind not in (Order.CELL, Order.FOCUS, Order.COMPARED)
    key = "queue-within" if within else "queue-above"
    return st.container(key=key, horizontal=True, vertical_alignment="center", gap="small")


def open_document(project: Project, queue: Queue) -> tuple[Queue, int]:
    """Choose the document: the one asked for, else the one open before, else the first.

    One asked for by the address or the tagger is shown even where the queue lacks it: it
    joins the queue as a guest.
    """
    asked = address.read_id("document")
    wanted = st.session_state.pop("opened", None)
    if asked and st.session_state.get("document-asked") != asked:
        wanted = asked
    chosen = wanted or st.session_state.get("document")
    if chosen not in queue.ids:
        if wanted and documents.belongs(database(), wanted, project.id):
            queue = queue_picker.admit(project, queue, wanted)
        else:
            chosen = queue.ids[0]
    st.session_state["document"] = st.session_state["document-asked"] = chosen
    address.write(document=str(chosen))
    return queue, chosen


def follow(opened: dict | None) -> None:
    """Go where the tagger asked to go; called before the page runs again."""
    if opened and isinstance(opened.get("document"), int):
        st.session_state["document"] = st.session_state["opened"] = opened["document"]
        for name in ("start", "end", "thread"):
            st.query_params.pop(name, None)


def describe(project: Project, queue: Queue, document_id: int, annotator: str) -> dict:
    """Return the tagger's data; every offset is in code points."""
    # First how far the coach is: what is read after that is no older.
    standing = coaching(project, queue, document_id)
    opened = annotations.open_annotation(database(), document_id, annotator)
    document = opened.document
    withheld = coach.withheld([document_id], annotator).get(document_id, "")
    found = None if withheld else suggestions.of_document(database(), document_id)
    said = coach.described({document_id: found} if found else {})
    about = focus.focus(database(), queue.selection, document.id, opened.work, found)
    return {
        "endpoint": gate.address("edits"),
        "token": gate.sign(annotator, project.id),
        "project": project.id,
        "annotator": annotator,
        "document": wire.document(document),
        "state": opened.state,
        "behind": opened.is_behind,
        "labels": naming.described(project),
        "routes": routes.addresses(),
        **mode.describe(project),
        "queue": _queue(project, queue, document.id, found is not None),
        "focus": _asked(len(document.text)) or (about and wire.place(about)),
        "suggestions": said.get(document_id),
        "withheld": withheld,
        "coach": standing,
        "labels_drags": choices.of(database(), project.id).labels_drags,
        "threshold": settings.get(database(), "suggestion_threshold", THRESHOLD),
        "keys": settings.get(database(), "keys", {}),
        "guideline": bool(project.guideline.strip()),
        "talk": _talk(project),
    }


def _talk(project: Project) -> dict:
    """Whether there are threads to ask for, and which one the address names."""
    any_said = thread_lists.exist(database(), project.id)
    return {"any": any_said, "thread": address.read_id("thread")}


def coaching(project: Project, queue: Queue, document: int) -> dict | None:
    """Have the project's coach at work on what comes next, and return how far it is."""
    index = queue.position(document)
    coach.look(project.id, list(queue.ids[index : index + coach.REACH]))
    return coach.standing(project.id)


def _queue(project: Project, queue: Queue, document: int, looked: bool) -> dict:
    """The queue around the document, and how much of it is still to do."""
    index = queue.position(document)
    near = list(queue.ids[max(0, index - REACH) : index + REACH + 1])
    left = stored.left(database(), project.id, queue)
    over = queue.selection.kind is Order.MINE and not left
    return {
        "name": queue.selection.name,
        "title": queue.title,
        "detailed": queue.selection.kind in queue_picker.DETAILED,
        "why": queue_picker.why_none(project) if over else _why(queue, document, looked),
        "ids": near,
        "index": index,
        "total": len(queue.ids),
        "open": [id for id in near if left >> id & 1],
        "left": left.bit_count(),
    }


def _why(queue: Queue, document: int, looked: bool) -> str:
    """Why the document is here, unless the queue's own name says it."""
    plain = queue.selection.kind in (Order.TODO, Order.ALL) and queue.placement(document)
    return "" if plain else reasons.why(queue, document, looked)


def _asked(length: int) -> dict[str, int] | None:
    """The span that a report sent us to, where the address names one that fits the text."""
    start, end = address.read_number("start"), address.read_number("end")
    if start is None or end is None or not start < end <= length:
        return None
    return {"start": start, "end": end}
