"""What the Tag page hands to the tagger: the document, its state, the queue around it."""

from __future__ import annotations

import streamlit as st

from pages.widgets import address, edits
from pages.widgets.queues import ALL, Queue
from pages.widgets.store import database
from storage import annotations, documents
from storage.types import Project

REACH = 20


def current_document(project: Project, queue: Queue) -> int:
    """Choose the document: the one asked for, else the one open before, else the first.

    One asked for by the address or the tagger is shown even where the queue lacks it: then
    all documents become the queue.
    """
    asked = st.query_params.get("document", "")
    wanted = st.session_state.pop("opened", None)
    if asked.isdecimal() and st.session_state.get("document-asked") != asked:
        st.session_state["document-asked"] = asked
        wanted = int(asked)
    chosen = wanted or st.session_state.get("document")
    if chosen not in queue.ids:
        if wanted in documents.list_ids(database(), project.id):
            st.session_state["opened"] = wanted
            address.write(queue=ALL)
            st.rerun()
        chosen = queue.ids[0]
    st.session_state["document"] = chosen
    st.session_state["document-asked"] = str(chosen)
    address.write(document=str(chosen))
    return chosen


def follow(opened: dict | None) -> None:
    """Go where the tagger asked to go; called before the page runs again."""
    if opened and isinstance(opened.get("document"), int):
        st.session_state["document"] = st.session_state["opened"] = opened["document"]
        for name in ("start", "end"):
            st.query_params.pop(name, None)


def describe(project: Project, queue: Queue, document_id: int, annotator: str) -> dict:
    """Return the tagger's data; every offset is in code points."""
    opened = annotations.open_annotation(database(), document_id, annotator)
    document = opened.document
    index = queue.position(document.id)
    first = max(0, index - REACH)
    return {
        "endpoint": edits.address(),
        "token": edits.sign(annotator, project.id),
        "project": project.id,
        "annotator": annotator,
        "document": {
            "id": document.id,
            "text": document.text,
            "tokens": [list(token) for token in document.tokens],
            "name": document.name,
            "split": document.split,
        },
        "state": opened.state,
        "labels": [
            {
                "name": label.name,
                "color": label.color,
                "key": label.key,
                "description": label.description,
            }
            for label in project.labels
        ],
        "allow_overlaps": project.allow_overlaps,
        "queue": {
            "title": queue.title,
            "ids": list(queue.ids[first : index + REACH + 1]),
            "index": index,
            "total": len(queue.ids),
        },
        "focus": _focus(len(document.text)),
    }


def _focus(length: int) -> dict[str, int] | None:
    """The span that a report sent us to, where the address names one that fits the text."""
    start, end = st.query_params.get("start", ""), st.query_params.get("end", "")
    if not (start.isdecimal() and end.isdecimal()):
        return None
    if not int(start) < int(end) <= length:
        return None
    return {"start": int(start), "end": int(end)}
